package link.ambassador.operator.status;

import link.ambassador.operator.delivery.RelayPod;
import link.ambassador.operator.delivery.RelaySync;
import link.ambassador.operator.delivery.RelaySync.SyncState;

/**
 * One relay at the time of a reconcile.
 *
 * @param hasNewTargets whether its table has the targets of the spec; false while its step of a staged retarget has not come
 */
public record ObservedRelay(RelayPod pod, RelaySync sync, boolean hasNewTargets) {
    public ObservedRelay(RelayPod pod, RelaySync sync) {
        this(pod, sync, true);
    }

    /** One that has acknowledged the targets from before a staged retarget has not acknowledged the spec. */
    public static ObservedRelay inStages(RelayPod pod, RelaySync sync, boolean hasNewTargets) {
        return new ObservedRelay(
                pod,
                hasNewTargets || sync.state() != SyncState.ACKNOWLEDGED
                        ? sync
                        : new RelaySync(SyncState.STALE, "has the targets from before this retarget", sync.answer()),
                hasNewTargets);
    }

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
