package link.ambassador.operator.status;

import java.util.Optional;
import java.util.stream.Stream;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.model.Placement;

/**
 * The conditions by which kstatus, and so Flux, tells whether an edit is on its way or cannot arrive. They exist only while they are
 * True (https://github.com/kubernetes-sigs/cli-utils/tree/master/pkg/kstatus#conditions).
 */
enum RolloutCondition {
    RECONCILING("Reconciling"),
    STALLED("Stalled");

    private final String word;

    RolloutCondition(String word) {
        this.word = word;
    }

    /** The {@code type} of the condition. */
    String word() {
        return word;
    }

    /** A condition, and why it is True. */
    record Cause(RolloutCondition condition, ConditionReason reason, String message) {}

    /** The one that holds, if any. An edit that cannot arrive is not on its way, whatever else is. */
    static Optional<Cause> of(
            Placement placement, Acceptance acceptance, Readiness readiness, Convergence convergence) {
        Stream<Cause> causes = Stream.of(
                        cause(placement, acceptance.reason(), acceptance.message()),
                        cause(placement, readiness.reason(), readiness.message()),
                        cause(placement, convergence.reason(), convergence.message()))
                .flatMap(Optional::stream);
        return causes.reduce(
                (first, next) -> first.condition() == STALLED || next.condition() == RECONCILING ? first : next);
    }

    private static Optional<Cause> cause(Placement placement, ConditionReason reason, String message) {
        return of(placement, reason).map(condition -> new Cause(condition, reason, message));
    }

    private static Optional<RolloutCondition> of(Placement placement, ConditionReason reason) {
        return switch (reason) {
            case RELAYS_NOT_READY, PROPAGATING, STAGED, ROLLOUT_HELD -> Optional.of(RECONCILING);
            // The pods of a gateway are replaced without anybody's doing.
            case RELAY_TOO_OLD, CREDENTIAL_NOT_MOUNTED ->
                Optional.of(placement == Placement.GATEWAY ? RECONCILING : RolloutCondition.STALLED);
            case CONFLICT,
                    TARGET_IS_SELF,
                    NOT_UNDERSTOOD,
                    TABLE_TOO_LARGE,
                    REFUSED,
                    RESTART_NEEDED,
                    NOT_INJECTED,
                    STALLED,
                    RELAY_IN_ERROR,
                    PREFLIGHT_FAILED,
                    REFS_NOT_RESOLVED,
                    ROLLED_BACK,
                    ROLLOUT_PAUSED,
                    UNACKNOWLEDGED -> Optional.of(RolloutCondition.STALLED);
            // Those that another reason causes, those that are as they should be, and what the relays' targets do. A
            // hold is
            // no edit on its way: Converged says when it has arrived.
            case NOT_ACCEPTED,
                    NOT_APPLIED,
                    ACCEPTED,
                    SERVICE_SHADOWED,
                    RELAYS_READY,
                    SCALED_TO_ZERO,
                    NO_PODS,
                    ACKNOWLEDGED,
                    NO_RELAYS,
                    CONNECTED,
                    FAILED_OVER,
                    NO_HEALTHY_TARGET,
                    CONNECT_FAILED,
                    NOT_TRIED,
                    HOLDING,
                    DRAINING,
                    NOT_HELD,
                    EXPIRED,
                    HOLD_UNACKNOWLEDGED,
                    RESOLVED_REFS,
                    INVALID_CA_CERTIFICATE_REF,
                    NO_VALID_CA_CERTIFICATE,
                    INVALID_CERTIFICATE_REF -> Optional.empty();
        };
    }
}
