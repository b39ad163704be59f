package link.ambassador.operator.gateway;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.Optional;
import link.ambassador.operator.status.AmbassadorEvent;

/**
 * Why the relays of a gateway do not run the operator's image yet.
 *
 * @param event for a person; empty while the wait is the usual one, which ends in a moment
 */
public record RolloutWait(Optional<AmbassadorEvent> event) {
    static final RolloutWait UNPAUSED = because("its Deployment is paused. Run kubectl rollout resume.");

    /**
     * Another gateway rolls now.
     *
     * @param slowHolder that gateway, if it takes long
     */
    static RolloutWait forTurn(Optional<ResourceID> slowHolder, ResourceID own) {
        return slowHolder
                .map(holder -> because("gateways roll one at a time, and "
                        // Users of this namespace need not know what is in another one.
                        + (holder.getNamespace().equals(own.getNamespace())
                                ? "Ambassador " + holder.getName()
                                : "one of another namespace")
                        + " takes long. Its turn ends after " + SerialRollout.LONGEST.toMinutes() + " minutes."))
                .orElseGet(() -> new RolloutWait(Optional.empty()));
    }

    private static RolloutWait because(String why) {
        return new RolloutWait(
                Optional.of(new AmbassadorEvent(false, "RolloutWaits", "The relays keep their image for now: " + why)));
    }
}
