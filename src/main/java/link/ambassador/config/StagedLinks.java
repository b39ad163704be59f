package link.ambassador.config;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Other links for some of the relays that read a table, while a retarget is staged: all pods of a gateway read one ConfigMap.
 *
 * @param pods the names of the pods whose relays serve these links
 * @param links each in place of the link of the table that listens on its port
 */
public record StagedLinks(Set<String> pods, List<Link> links) {
    /** More names would not fit into a ConfigMap, beside the links. */
    public static final int MOST_PODS = 4096;

    /** @throws IllegalArgumentException with a sentence that says what would be right */
    public StagedLinks {
        pods = Set.copyOf(pods);
        links = List.copyOf(links);
        pods.forEach(pod -> LinkTable.requireOpaque(pod, "The name of a pod"));
        if (pods.size() > MOST_PODS) {
            throw new IllegalArgumentException(
                    "Links are staged for " + pods.size() + " pods: it must be at most " + MOST_PODS);
        }
        Set<Integer> ports = new HashSet<>();
        for (Link link : links) {
            if (!ports.add(link.listen())) {
                throw new IllegalArgumentException(
                        "Two staged links listen on port " + link.listen() + ": each must have a port of its own");
            }
        }
    }
}
