package link.ambassador.operator.sidecar;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import link.ambassador.config.Link;
import link.ambassador.model.ExposedPort;
import link.ambassador.model.ShadowedService;

/** The Services that an Ambassador's aliases hide from the pods that it selects. */
final class ShadowedServices {
    /** A pod from the inside: the names that lead to its relay, and the links that the relay is to serve. */
    record PodView(Set<String> names, List<Link> links) {}

    private ShadowedServices() {}

    /**
     * A sentence with the Services, their ports and what helps; empty when no Service is hidden. It stays the same while pods come and
     * go.
     *
     * @param aliases of the Ambassador
     * @param services the ports of a Service of its namespace, by its name
     */
    static Optional<String> sentence(
            Collection<String> aliases,
            List<PodView> pods,
            Function<String, Set<ExposedPort>> services,
            String namespace) {
        Map<String, Set<ExposedPort>> hidden = new TreeMap<>();
        for (PodView pod : pods) {
            List<String> names =
                    aliases.stream().filter(pod.names()::contains).distinct().toList();
            ShadowedService.of(names, pod.links(), services)
                    .forEach(service -> hidden.computeIfAbsent(service.name(), name -> new TreeSet<>())
                            .addAll(service.ports()));
        }
        if (hidden.isEmpty()) {
            return Optional.empty();
        }
        String which = hidden.entrySet().stream()
                .map(service -> new ShadowedService(service.getKey(), List.copyOf(service.getValue())).shown())
                .collect(Collectors.joining(", "));
        String instead =
                hidden.keySet().stream().map(name -> name + "." + namespace).collect(Collectors.joining(", "));
        return Optional.of("The alias hides " + which + " in these pods. Add links for them, or use " + instead + ".");
    }
}
