package link.ambassador.operator.gateway;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.Optional;
import link.ambassador.operator.status.AmbassadorEvent;

/**
 * Why the relays of a gateway do not run the operator's image yet.
 *
 * @param story for a person; empty while it is what always happens, and over in a moment
 */
public record RolloutWait(Optional<AmbassadorEvent> story) {
    static final RolloutWait UNPAUSED = told("its Deployment is paused. Run kubectl rollout resume.");

    /**
     * Until another gateway has had its turn.
     *
     * @param slowHolder the gateway that takes long
     */
    static RolloutWait forTurn(Optional<ResourceID> slowHolder, ResourceID own) {
        return slowHolder
                .map(holder -> told("gateways roll one at a time, and "
                        // Of other namespaces this one's users need not know what there is.
                        + (holder.getNamespace().equals(own.getNamespace())
                                ? "Ambassador " + holder.getName()
                                : "one of another namespace")
                        + " takes long. Its turn ends after " + SerialRollout.LONGEST.toMinutes() + " minutes."))
                .orElseGet(() -> new RolloutWait(Optional.empty()));
    }

    private static RolloutWait told(String why) {
        return new RolloutWait(
                Optional.of(new AmbassadorEvent(false, "RolloutWaits", "The relays keep their image for now: " + why)));
    }
}
