package link.ambassador.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import link.ambassador.config.Link;

/**
 * A Service that a pod no longer reaches by its bare name: the pod's hosts file gives that name to the relay, and the relay does not
 * listen on all of the Service's ports. The pod still reaches the Service as {@code redis.shop}.
 *
 * <p>A Service without ports (headless, or an ExternalName) never counts, because nobody can tell which ports are used.
 *
 * @param ports the ports that are not reached, in order; never empty
 */
public record ShadowedService(String name, List<ExposedPort> ports) {
    private static final int MOST_PORTS = 10;

    /**
     * The Services that are hidden from one pod.
     *
     * @param names the names that the pod's hosts file gives to its relay
     * @param links the links that the relay serves, under any name
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
