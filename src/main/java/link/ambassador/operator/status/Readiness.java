package link.ambassador.operator.status;

import java.util.Optional;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.model.Placement;

/** Whether the relays exist and listen, and the condition Ready that reports it. */
record Readiness(ConditionReason reason, String message) {
    private Readiness(ConditionReason reason) {
        this(reason, reason.sentence());
    }

    static Readiness of(ObservedState observed) {
        Optional<ObservedState.Restart> restart = observed.restartNeeded();
        Optional<String> ongoing =
                observed.ongoing().stream().map(AmbassadorEvent::message).findFirst();
        if (restart.isPresent() && restart.get().unserved()) {
            return new Readiness(ConditionReason.RESTART_NEEDED, restart.get().sentence());
        }
        if (observed.serving().stream().anyMatch(relay -> relay.pod().ready())) {
            return new Readiness(
                    ConditionReason.RELAYS_READY,
                    restart.map(ObservedState.Restart::sentence)
                            .or(() -> ongoing)
                            .orElse(ConditionReason.RELAYS_READY.sentence()));
        }
        if (observed.wanted() == 0 && observed.placement() == Placement.SIDECAR) {
            return ongoing.map(sentence -> new Readiness(ConditionReason.NOT_INJECTED, sentence))
                    .orElse(new Readiness(ConditionReason.NO_PODS));
        }
        if (!observed.acceptance().isAccepted() && observed.relays().isEmpty()) {
            return new Readiness(ConditionReason.NOT_ACCEPTED);
        }
        if (observed.tables().served().isEmpty() && observed.firstUnresolved().isPresent()) {
            return new Readiness(
                    ConditionReason.RELAYS_NOT_READY,
                    observed.firstUnresolved().get().sentence());
        }
        if (observed.wanted() == 0) {
            return new Readiness(ConditionReason.SCALED_TO_ZERO);
        }
        if (observed.placement() == Placement.GATEWAY && ongoing.isPresent()) {
            return new Readiness(ConditionReason.RELAYS_NOT_READY, ongoing.get());
        }
        return new Readiness(ConditionReason.RELAYS_NOT_READY);
    }
}
