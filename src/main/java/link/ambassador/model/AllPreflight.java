package link.ambassador.model;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.config.Candidate;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.Preflight;

/**
 * A preflight that all relays of a table have together, in two tables. The first has the former targets, with the new ones as
 * candidates, which the relays dial. When enough relays reach them, the second has the new targets.
 *
 * <p>The first table is all that has to be remembered, so a restarted operator goes on from it, and after another edit the former targets
 * are still those of the table.
 *
 * @param minReachablePercent how many of the running relays have to reach the new targets, 1 to 100
 */
public record AllPreflight(Duration timeout, int minReachablePercent) {
    /**
     * The table to serve next.
     *
     * @param served the table that the relays have
     * @param wanted the table that the spec asks for
     * @param reached whether enough relays reach the candidates of this table
     */
    LinkTable next(LinkTable served, LinkTable wanted, Predicate<LinkTable> reached) {
        List<Link> links = candidates(served.links(), wanted.links());
        if (links.equals(wanted.links())) {
            return wanted;
        }
        LinkTable first = new LinkTable(Optional.of(DesiredTable.revision(links)), wanted.sources(), links);
        return reached.test(first) ? wanted : first;
    }

    /** The wanted links, but those that lead elsewhere have their former targets, and the new ones as candidates. */
    public List<Link> candidates(Collection<Link> served, List<Link> wanted) {
        return wanted.stream()
                .map(link -> former(served, link)
                        .map(had -> withCandidate(had, link))
                        .orElse(link))
                .toList();
    }

    /** The link as it is served, if the new one leads elsewhere. */
    private static Optional<Link> former(Collection<Link> served, Link link) {
        return served.stream()
                .filter(had -> had.listen() == link.listen())
                .filter(had -> !had.targets().get(0).equals(link.targets().get(0))
                        || !had.upstreamTls().equals(link.upstreamTls()))
                .findFirst();
    }

    private Link withCandidate(Link had, Link link) {
        return link.toBuilder()
                .targets(had.targets())
                .upstreamTls(had.upstreamTls())
                .upstreamProxyProtocol(had.upstreamProxyProtocol())
                .healthCheck(had.healthCheck())
                .failover(had.failover())
                // Connections that wait would go to the former targets.
                .hold(link.hold().or(had::hold))
                .preflight(Optional.of(new Preflight(
                        timeout,
                        Optional.of(new Candidate(link.targets(), link.upstreamTls(), link.upstreamProxyProtocol())))))
                .build();
    }

    /** What the spec asks for; empty when it asks for another mode, or for what this version refuses. */
    public static Optional<AllPreflight> of(Ambassador ambassador) {
        try {
            return ambassador.getSpec() == null
                    ? Optional.empty()
                    : DesiredTable.allPreflight(ambassador.getSpec().retarget());
        } catch (SpecRefusal e) {
            return Optional.empty();
        }
    }

    /** Whether it is enough that so many of the running relays reach the new targets. */
    public boolean isEnough(long reaching, long running) {
        return reaching * 100 >= running * minReachablePercent;
    }
}
