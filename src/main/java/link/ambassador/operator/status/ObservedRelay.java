package link.ambassador.operator.status;

import link.ambassador.operator.delivery.RelayPod;
import link.ambassador.operator.delivery.RelaySync;
import link.ambassador.operator.delivery.RelaySync.SyncState;

/** One relay as a reconcile found it. */
public record ObservedRelay(RelayPod pod, RelaySync known) {

    boolean counts() {
        return pod.counts();
    }

    boolean is(SyncState state) {
        return known.state() == state;
    }

    /** Whether it runs another version of the relay than {@code version}; false when it did not say. */
    boolean isOtherThan(String version) {
        return known.answer()
                .filter(answer ->
                        !answer.version().isEmpty() && !answer.version().equals(version))
                .isPresent();
    }
}
