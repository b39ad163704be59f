package link.ambassador.operator.status;

import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.api.v1alpha1.ConditionType;

/**
 * Whether an Ambassador makes sense in this cluster. One that does not is not applied, not even in part: its relays keep its last good
 * table.
 *
 * @param reason of the condition Accepted
 * @param message for a person: what is wrong, and what would be right
 */
public record Acceptance(ConditionReason reason, String message) {
    public static final Acceptance ACCEPTED =
            new Acceptance(ConditionReason.ACCEPTED, ConditionReason.ACCEPTED.sentence());

    public Acceptance {
        if (reason.type() != ConditionType.ACCEPTED) {
            throw new IllegalArgumentException(reason + " is no reason of " + ConditionType.ACCEPTED);
        }
    }

    public boolean isAccepted() {
        return reason.status().equals(ConditionReason.ACCEPTED.status());
    }
}
