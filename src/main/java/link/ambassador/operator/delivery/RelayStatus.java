package link.ambassador.operator.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import link.ambassador.config.Link;

/**
 * What a relay answers on {@code /links} of its admin port ({@link RelayStatusReader}).
 *
 * @param version of the relay; empty when the answer has none
 * @param appliedRevision of the table that it serves; empty when it serves none, or one without a revision
 * @param rejected the latest table that it rejected, if that is newer than the one it serves
 */
public record RelayStatus(
        String version,
        Optional<String> appliedRevision,
        Optional<Rejected> rejected,
        List<LinkAnswer> links,
        List<CertificateAnswer> certificates) {
    /** An answer without certificates. */
    public RelayStatus(
            String version, Optional<String> appliedRevision, Optional<Rejected> rejected, List<LinkAnswer> links) {
        this(version, appliedRevision, rejected, links, List.of());
    }

    /**
     * A certificate that a link shows.
     *
     * @param error why the relay does not show what its files have; empty when it does
     */
    public record CertificateAnswer(String name, String error) {}

    /**
     * A table that the relay rejected.
     *
     * @param revision empty when the document was too broken to tell
     */
    public record Rejected(Optional<String> revision, String error) {}

    /**
     * One link as it is served.
     *
     * @param error why it cannot listen; empty when it does, or was not tried yet
     * @param hold the hold of its table; empty when it has none, or the relay does not know holds
     * @param preflight the target that it dials before connections go there; empty when it does not
     * @param retarget what the latest change of its targets did; empty when the relay does not say
     */
    public record LinkAnswer(
            String alias,
            int listen,
            boolean listening,
            String error,
            List<TargetAnswer> targets,
            Optional<HoldAnswer> hold,
            Optional<PreflightAnswer> preflight,
            Optional<RetargetAnswer> retarget) {
        /** Of a relay that does not say what retargets do. */
        public LinkAnswer(
                String alias,
                int listen,
                boolean listening,
                String error,
                List<TargetAnswer> targets,
                Optional<HoldAnswer> hold,
                Optional<PreflightAnswer> preflight) {
            this(alias, listen, listening, error, targets, hold, preflight, Optional.empty());
        }

        /** A link without a preflight. */
        public LinkAnswer(
                String alias,
                int listen,
                boolean listening,
                String error,
                List<TargetAnswer> targets,
                Optional<HoldAnswer> hold) {
            this(alias, listen, listening, error, targets, hold, Optional.empty());
        }

        boolean reachesCandidate() {
            return preflight
                    .filter(dialled -> dialled.candidate() && dialled.isReachable())
                    .isPresent();
        }

        /** Whether the link has its former targets still, because the first of its new ones has not answered. */
        boolean keepsFormerTargets() {
            return preflight
                    .filter(dialled -> !dialled.candidate() && !dialled.isReachable())
                    .isPresent();
        }
    }

    /**
     * A target that a relay dials before connections go there.
     *
     * @param candidate whether the link does not have it
     * @param state dialling, unreachable or reachable; another word from a newer relay
     * @param error why it is unreachable; empty otherwise
     */
    public record PreflightAnswer(String target, boolean candidate, String state, String error) {
        private static final String REACHABLE = "reachable";
        private static final String UNREACHABLE = "unreachable";

        public boolean isReachable() {
            return state.equals(REACHABLE);
        }

        public boolean isUnreachable() {
            return state.equals(UNREACHABLE);
        }
    }

    /**
     * The latest hold of a link, as the relay applied it.
     *
     * @param startedAt which hold it is
     * @param state holding, expired or removed; another word from a newer relay
     * @param connectionsHeld how many connections wait now, also after the end of the hold
     * @param connectionsLeft how many have a target while new ones wait; 0 after the end of the hold
     * @param connectionsInAll how many have waited in the whole hold
     */
    public record HoldAnswer(
            Instant startedAt,
            String state,
            long connectionsHeld,
            long connectionsLeft,
            long connectionsInAll,
            Duration longestWait) {
        static final String HOLDING = "holding";
        private static final String EXPIRED = "expired";

        /** Whether new connections wait. */
        public boolean isHolding() {
            return state.equals(HOLDING);
        }

        public boolean isExpired() {
            return state.equals(EXPIRED);
        }
    }

    /** Whether it reaches the candidate of each of these links that has one. */
    boolean reachesCandidates(List<Link> ofLinks) {
        return ofLinks.stream().filter(link -> link.candidate().isPresent()).allMatch(link -> links.stream()
                .filter(answer -> answer.listen() == link.listen())
                .anyMatch(LinkAnswer::reachesCandidate));
    }

    /** Why the first candidate is unreachable; empty when none is, as far as is known. */
    public Optional<String> unreachableCandidate() {
        return links.stream()
                .flatMap(link -> link.preflight().stream())
                .filter(dialled -> dialled.candidate() && dialled.isUnreachable())
                .map(PreflightAnswer::error)
                .findFirst();
    }

    /** Whether it will tell more of a candidate by itself. */
    boolean dialsCandidate() {
        return links.stream()
                .flatMap(link -> link.preflight().stream())
                .anyMatch(dialled -> dialled.candidate() && !dialled.isReachable());
    }

    /** Whether connections of a link wait, or would wait. */
    public boolean isHolding() {
        return links.stream()
                .flatMap(link -> link.hold().stream())
                .anyMatch(hold -> hold.isHolding() || hold.connectionsHeld() > 0);
    }

    /**
     * What the dials of a relay learned of a target.
     *
     * @param lastResult of the latest dial; empty when it was never dialled
     * @param lastError a sentence; empty when there is none
     * @param dials how they ended; empty when the relay's version does not say
     * @param health empty when its link has no health check, or the relay does not know health checks
     * @param hint what may be wrong with the settings of the target although it accepts connections, a sentence; empty when there is none
     */
    public record TargetAnswer(
            String target,
            Optional<String> lastResult,
            String lastError,
            Optional<Dials> dials,
            Optional<HealthAnswer> health,
            String hint) {
        /** Of a link without a health check, in a version that does not count dials. */
        public TargetAnswer(String target, Optional<String> lastResult, String lastError) {
            this(target, lastResult, lastError, Optional.empty());
        }

        /** Of a link without a health check. */
        public TargetAnswer(String target, Optional<String> lastResult, String lastError, Optional<Dials> dials) {
            this(target, lastResult, lastError, dials, Optional.empty(), "");
        }
    }

    /**
     * How many dials of a target succeeded and failed since it joined the list of its link.
     *
     * @param unanswered how many of those that succeeded the target ended before it sent a byte; 0 when the relay's version does not say
     */
    public record Dials(long ok, long failed, long unanswered) {}

    /** The same status without {@link Dials}, which change with each connection of a consumer. */
    RelayStatus withoutDials() {
        return new RelayStatus(
                version,
                appliedRevision,
                rejected,
                links.stream()
                        .map(link -> new LinkAnswer(
                                link.alias(),
                                link.listen(),
                                link.listening(),
                                link.error(),
                                link.targets().stream()
                                        .map(target -> new TargetAnswer(
                                                target.target(),
                                                target.lastResult(),
                                                target.lastError(),
                                                Optional.empty(),
                                                target.health(),
                                                target.hint()))
                                        .toList(),
                                link.hold(),
                                link.preflight(),
                                link.retarget()))
                        .toList(),
                certificates);
    }

    /**
     * What the health checks of a relay found of a target.
     *
     * @param state healthy, unhealthy or unchecked; another word from a newer relay
     * @param isInUse whether new connections go there; false with weights
     * @param error of the latest check that failed, a sentence; empty when there is none
     */
    public record HealthAnswer(String state, boolean isInUse, String error) {
        public boolean isHealthy() {
            return state.equals("healthy");
        }

        public boolean isUnhealthy() {
            return state.equals("unhealthy");
        }
    }

    /** Whether a link has health checks, whose results change by themselves. */
    public boolean isChecking() {
        return links.stream().flatMap(link -> link.targets().stream()).anyMatch(target -> target.health()
                .isPresent());
    }

    /** The same status, with the links on these ports alone. */
    RelayStatus only(Set<Integer> ports) {
        return new RelayStatus(
                version,
                appliedRevision,
                rejected,
                links.stream().filter(link -> ports.contains(link.listen())).toList(),
                certificates);
    }
}
