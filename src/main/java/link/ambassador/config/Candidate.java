package link.ambassador.config;

import java.util.List;
import java.util.Optional;

/**
 * What a link may lead to later. A relay dials the first of its targets, says whether it answered, and changes nothing.
 *
 * @param targets 1 to {@link Link#MAX_TARGETS}
 * @param upstreamTls that connections to them will have; empty: none
 * @param upstreamProxyProtocol the header that they will get; empty: none
 */
public record Candidate(
        List<Target> targets,
        Optional<UpstreamTls> upstreamTls,
        Optional<UpstreamProxyProtocol> upstreamProxyProtocol) {
    /** @throws IllegalArgumentException with a sentence that says what would be right */
    public Candidate {
        targets = List.copyOf(targets);
        if (targets.isEmpty() || targets.size() > Link.MAX_TARGETS) {
            throw new IllegalArgumentException(
                    "A candidate has " + targets.size() + " targets: it must have 1 to " + Link.MAX_TARGETS);
        }
        if (upstreamTls.isPresent()) {
            Optional<Target> nameless = Link.withoutName(targets, upstreamTls.get());
            if (nameless.isPresent()) {
                throw new IllegalArgumentException(
                        "A candidate: " + nameless.get().host() + Link.NAME_WANTED);
            }
        }
    }

    // Written by hand: see Link.
    @Override
    public boolean equals(Object other) {
        return other instanceof Candidate that
                && targets.equals(that.targets)
                && upstreamTls.equals(that.upstreamTls)
                && upstreamProxyProtocol.equals(that.upstreamProxyProtocol);
    }

    @Override
    public int hashCode() {
        return targets.hashCode();
    }
}
