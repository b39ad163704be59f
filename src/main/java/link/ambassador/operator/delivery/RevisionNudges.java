package link.ambassador.operator.delivery;

import io.vertx.core.Future;
import java.util.LinkedHashMap;
import java.util.Map;
import link.ambassador.link.Annotations;

/** Nudges the kubelet of a gateway's pod by telling the pod the revision of the ConfigMap that it mounts. */
public final class RevisionNudges implements Nudges {
    private final PodAnnotations pods;

    public RevisionNudges(PodAnnotations pods) {
        this.pods = pods;
    }

    @Override
    public Future<Outcome> nudge(RelayPod pod, String revision, int count) {
        return pods.patch(pod, annotations(revision, count));
    }

    static Map<String, String> annotations(String revision, int count) {
        Map<String, String> annotations = new LinkedHashMap<>();
        annotations.put(Annotations.REVISION, revision);
        // Null removes it: the first nudge for a revision is told by the revision alone.
        annotations.put(Annotations.NUDGE, count == 0 ? null : String.valueOf(count));
        return annotations;
    }
}
