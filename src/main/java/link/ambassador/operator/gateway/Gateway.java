package link.ambassador.operator.gateway;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import link.ambassador.config.Link;

/**
 * A gateway at one moment: how it is reached, and where it leads.
 *
 * @param createdAt of its Ambassador
 * @param uid of its Ambassador
 * @param service the name of its Service, whether that exists yet or not
 * @param addresses its Service's ClusterIPs, as Kubernetes writes them; without {@code None}
 * @param desired the links of its spec; empty while the spec cannot become a table
 * @param applied the links that its relays were last given; empty when they were given none
 */
public record Gateway(
        String namespace,
        String name,
        Instant createdAt,
        String uid,
        String service,
        Set<String> addresses,
        List<Link> desired,
        List<Link> applied) {
    public Gateway {
        addresses = Set.copyOf(addresses);
        desired = List.copyOf(desired);
        applied = List.copyOf(applied);
    }

    /** The same gateway with other links. */
    Gateway with(List<Link> otherDesired, List<Link> otherApplied) {
        return new Gateway(namespace, name, createdAt, uid, service, addresses, otherDesired, otherApplied);
    }
}
