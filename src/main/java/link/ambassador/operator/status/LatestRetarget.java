package link.ambassador.operator.status;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.api.v1alpha1.LastRetarget;
import link.ambassador.api.v1alpha1.StatusSummary;
import link.ambassador.config.LinkTable;

/** The latest retarget, as it stands after one reconcile. */
final class LatestRetarget {
    private final ObservedState observed;
    private final Optional<AmbassadorStatus> before;
    private final Supplier<Optional<Map<Integer, Set<String>>>> formerTargets;

    private LatestRetarget(
            ObservedState observed,
            Optional<AmbassadorStatus> before,
            Supplier<Optional<Map<Integer, Set<String>>>> formerTargets) {
        this.observed = observed;
        this.before = before;
        this.formerTargets = formerTargets;
    }

    /**
     * Null when there was none yet.
     *
     * @param formerTargets as in {@link EndedConnections}, or empty when nobody knows; asked when the retarget has another outcome
     */
    static LastRetarget of(
            ObservedState observed,
            Optional<AmbassadorStatus> before,
            ConditionReason converged,
            Supplier<Optional<Map<Integer, Set<String>>>> formerTargets) {
        LatestRetarget made = new LatestRetarget(observed, before, formerTargets);
        return made.began()
                .or(() -> before.map(AmbassadorStatus::lastRetarget))
                .map(last -> made.withOutcome(last, converged))
                .orElse(null);
    }

    private Optional<LastRetarget> began() {
        Optional<String> known = before.map(AmbassadorStatus::revision);
        // If the operator restarted in between, the relays' table is the new one already. Then the summary has to do.
        Optional<LinkTable> earlier =
                observed.tables().before().filter(table -> !table.revision().equals(observed.revision()));
        boolean begins = known.isPresent()
                && observed.revision().isPresent()
                && !known.equals(observed.revision())
                && earlier.filter(table -> !RetargetSummary.isRetarget(table, served()))
                        .isEmpty();
        if (!begins) {
            return Optional.empty();
        }
        RetargetSummary change = earlier.map(table -> RetargetSummary.between(table, served()))
                .orElseGet(() -> new RetargetSummary(
                        before.map(AmbassadorStatus::summary)
                                .map(StatusSummary::target)
                                .orElse(""),
                        LinkSummary.target(served().links())));
        return Optional.of(
                new LastRetarget(observed.revision().get(), change.from(), change.to(), now(), null, null, null, null));
    }

    private LinkTable served() {
        return observed.tables().served().orElseThrow();
    }

    private LastRetarget withOutcome(LastRetarget last, ConditionReason converged) {
        boolean isServed = observed.revision().filter(last.revision()::equals).isPresent();
        if (!isServed || last.convergedAt() != null) {
            return last;
        }
        String outcome = outcome(converged);
        String convergedAt = LastRetarget.CONVERGED.equals(outcome) ? now() : null;
        if (Objects.equals(outcome, last.outcome())) {
            return last;
        }
        Optional<EndedConnections> ended = outcome == null
                ? Optional.empty()
                : formerTargets.get().flatMap(former -> EndedConnections.of(observed, former));
        return new LastRetarget(
                last.revision(),
                last.from(),
                last.to(),
                last.startedAt(),
                convergedAt,
                outcome,
                ended.map(EndedConnections::drained).orElse(null),
                ended.map(EndedConnections::reset).orElse(null));
    }

    /** Null while it is on its way. */
    static String outcome(ConditionReason converged) {
        if (converged.status().equals("True")) {
            return LastRetarget.CONVERGED;
        }
        return switch (converged) {
            case ROLLED_BACK -> LastRetarget.ROLLED_BACK;
            case ROLLOUT_PAUSED -> LastRetarget.PAUSED;
            default -> null;
        };
    }

    private String now() {
        Instant now = observed.reconcile().now();
        return now.truncatedTo(ChronoUnit.MILLIS).toString();
    }
}
