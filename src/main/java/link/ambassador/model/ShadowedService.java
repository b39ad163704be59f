package link.ambassador.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import link.ambassador.config.Link;

/**
 * A Service that a pod does not reach by its bare name any more, because the pod's hosts file gives that name to the relay,
 * and the relay does not listen on all of the Service's ports. {@code redis.shop} still is the Service.
 *
 * <p>A Service that names no ports (headless, or an ExternalName) is none: nobody can tell what it is asked for.
 *
 * @param ports those that are not reached, in order; never empty
 */
public record ShadowedService(String name, List<ExposedPort> ports) {
    private static final int MOST_PORTS = 10;

    /**
     * Those of one pod.
     *
     * @param names that the pod's hosts file gives to its relay
     * @param links that the relay serves, whatever they are called
     * @param services the ports of a Service of the pod's namespace, by its name
     */
    public static List<ShadowedService> of(
            Collection<String> names, Collection<Link> links, Function<String, Set<ExposedPort>> services) {
        Set<Integer> listened = links.stream().map(Link::listen).collect(Collectors.toSet());
        List<ShadowedService> shadowed = new ArrayList<>();
        for (String name : names) {
            List<ExposedPort> uncovered = services.apply(name).stream()
                    .filter(port -> !port.isTcp() || !listened.contains(port.port()))
                    .sorted()
                    .toList();
            if (!uncovered.isEmpty()) {
                shadowed.add(new ShadowedService(name, uncovered));
            }
        }
        return List.copyOf(shadowed);
    }

    /** {@code port 26379 of the Service redis}. */
    public String shown() {
        return (ports.size() == 1 ? "port " : "ports ")
                + ports.stream().limit(MOST_PORTS).map(ExposedPort::toString).collect(Collectors.joining(", "))
                + (ports.size() > MOST_PORTS ? " and " + (ports.size() - MOST_PORTS) + " more" : "")
                + " of the Service "
                + name;
    }
}
