package link.ambassador.operator.delivery;

import io.vertx.core.Future;
import link.ambassador.config.Annotations;

/** Nudges the kubelet of a gateway's pod by telling the pod the revision of the ConfigMap that it mounts. */
public final class RevisionRefresh implements KubeletRefresh {
    private final PodAnnotations pods;

    public RevisionRefresh(PodAnnotations pods) {
        this.pods = pods;
    }

    @Override
    public Future<Outcome> refresh(RelayPod pod, String revision, int count) {
        return pods.patch(pod, PodAnnotations.counted(Annotations.REVISION, revision, count));
    }
}
