package link.ambassador.operator.gateway;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import link.ambassador.config.Link;

/**
 * A gateway as it is seen at one moment: where it is reached, and where it leads.
 *
 * @param createdAt of its Ambassador
 * @param uid of its Ambassador
 * @param service the name of its Service, whether that exists yet or not
 * @param addresses what its Service is reached by, as Kubernetes writes them: ClusterIPs, none of {@code None}
 * @param asked the links of its spec; none while the spec cannot become a table
 * @param applied the links that its relays were last told to serve; none when they never were
 */
public record Gateway(
        String namespace,
        String name,
        Instant createdAt,
        String uid,
        String service,
        Set<String> addresses,
        List<Link> asked,
        List<Link> applied) {
    public Gateway {
        addresses = Set.copyOf(addresses);
        asked = List.copyOf(asked);
        applied = List.copyOf(applied);
    }
}
