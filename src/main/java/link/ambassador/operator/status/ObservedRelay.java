package link.ambassador.operator.status;

import link.ambassador.operator.delivery.RelayPod;
import link.ambassador.operator.delivery.RelaySync;
import link.ambassador.operator.delivery.RelaySync.SyncState;

/** One relay at the time of a reconcile. */
public record ObservedRelay(RelayPod pod, RelaySync sync) {

    boolean isServing() {
        return pod.isServing();
    }

    boolean is(SyncState state) {
        return sync.state() == state;
    }

    /** Whether it runs another version than {@code version}; false when its answer had none. */
    boolean isOtherThan(String version) {
        return sync.answer()
                .filter(answer ->
                        !answer.version().isEmpty() && !answer.version().equals(version))
                .isPresent();
    }
}
