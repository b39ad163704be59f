package link.ambassador.operator.status;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.api.v1alpha1.LastRetarget;
import link.ambassador.api.v1alpha1.StatusSummary;
import link.ambassador.config.LinkTable;

/** The latest retarget, as it stands after one reconcile. */
final class LatestRetarget {
    private final ObservedState observed;
    private final Optional<AmbassadorStatus> before;

    private LatestRetarget(ObservedState observed, Optional<AmbassadorStatus> before) {
        this.observed = observed;
        this.before = before;
    }

    /** Null when there was none yet. */
    static LastRetarget of(ObservedState observed, Optional<AmbassadorStatus> before, ConditionReason converged) {
        LatestRetarget made = new LatestRetarget(observed, before);
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
        return Optional.of(new LastRetarget(observed.revision().get(), change.from(), change.to(), now(), null, null));
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
        return Objects.equals(outcome, last.outcome())
                ? last
                : new LastRetarget(last.revision(), last.from(), last.to(), last.startedAt(), convergedAt, outcome);
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
