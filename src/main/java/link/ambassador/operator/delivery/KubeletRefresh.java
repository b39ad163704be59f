package link.ambassador.operator.delivery;

import io.vertx.core.Future;

/** Makes a kubelet refresh the volumes of one pod now instead of within its 60 to 90 seconds. */
public interface KubeletRefresh {
    /** How a refresh ended. */
    enum Outcome {
        /** The pod's annotations were changed; its kubelet sees that at once. */
        SENT,
        /** There is no such pod any more, or another one has its name. */
        GONE
    }

    /**
     * Changes an annotation of the pod.
     *
     * @param count how often this pod was refreshed for this revision before: each refresh must be a change, or it is none
     * @return completes on the caller's context; fails when the API server refused or did not answer
     */
    Future<Outcome> refresh(RelayPod pod, String revision, int count);
}
