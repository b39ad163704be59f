package link.ambassador.operator.topology;

import io.fabric8.kubernetes.api.model.Condition;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.AmbassadorStatus;

/** An Ambassador in one word, which the page shows in one colour. In the order of how much they matter. */
enum ShownState {
    /** A person must do something. */
    FAILING,
    /** The operator is at work, or waits for relays. */
    WORKING,
    /** No operator has reconciled it yet. */
    UNKNOWN,
    OK;

    /** Conditions that need a person: {@code type=status}. */
    private static final Set<String> FAILURES = Set.of("Stalled=True", "Accepted=False", "TargetReachable=False");

    private static final Set<String> UNFINISHED =
            Set.of("Reconciling=True", "Ready=False", "Ready=Unknown", "Converged=False", "Converged=Unknown");

    /**
     * A state and what it comes from.
     *
     * @param reason {@code Type: Reason} of a condition, or a sentence; empty when all is well
     */
    record Because(ShownState state, String reason) {}

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Because of(Ambassador ambassador) {
        AmbassadorStatus status = ambassador.getStatus();
        if (status == null || status.conditions().isEmpty()) {
            return new Because(UNKNOWN, "No operator has reconciled it yet");
        }
        return first(status, FAILURES::contains)
                .map(reason -> new Because(FAILING, reason))
                .or(() -> first(status, UNFINISHED::contains).map(reason -> new Because(WORKING, reason)))
                .orElseGet(() -> isCurrent(ambassador)
                        ? new Because(OK, "")
                        : new Because(WORKING, "The operator has not reconciled the latest edit yet"));
    }

    private static Optional<String> first(AmbassadorStatus status, Predicate<String> matches) {
        return status.conditions().stream()
                .filter(condition -> matches.test(condition.getType() + "=" + condition.getStatus()))
                .findFirst()
                .map(ShownState::reason);
    }

    private static String reason(Condition condition) {
        return condition.getType() + ": " + condition.getReason();
    }

    private static boolean isCurrent(Ambassador ambassador) {
        return Objects.equals(
                ambassador.getStatus().observedGeneration(),
                ambassador.getMetadata().getGeneration());
    }
}
