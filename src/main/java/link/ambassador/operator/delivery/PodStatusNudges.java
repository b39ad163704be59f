package link.ambassador.operator.delivery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import link.ambassador.link.Annotations;

/**
 * Nudges by the only write on pods that the operator has: a patch of {@code pods/status} that changes annotations under
 * {@code ambassador.link/}. The patch carries the pod's uid, so that it never reaches another pod of the same name.
 *
 * @see <a href="https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/">Mounted ConfigMaps are
 *     updated automatically</a>
 */
public final class PodStatusNudges implements Nudges {
    private static final int MOST_IN_FLIGHT = 50;
    private static final PatchContext MERGE =
            new PatchContext.Builder().withPatchType(PatchType.JSON_MERGE).build();
    /** No pod of that name; another uid, as a conflict or as a change of what cannot be changed. */
    private static final Set<Integer> GONE = Set.of(404, 409, 422);

    private final ObjectMapper json = new ObjectMapper();
    private final KubernetesClient kubernetes;
    private final WorkerExecutor workers;

    public PodStatusNudges(Vertx vertx, KubernetesClient kubernetes) {
        this.kubernetes = kubernetes;
        this.workers = vertx.createSharedWorkerExecutor("nudges", MOST_IN_FLIGHT);
    }

    @Override
    public Future<Outcome> nudge(RelayPod pod, String revision, int count) {
        return workers.executeBlocking(() -> patch(pod, patchOf(pod, revision, count)), false);
    }

    private Outcome patch(RelayPod pod, String patch) {
        try {
            kubernetes
                    .pods()
                    .inNamespace(pod.namespace())
                    .withName(pod.name())
                    .subresource("status")
                    .patch(MERGE, patch);
            return Outcome.SENT;
        } catch (KubernetesClientException e) {
            if (GONE.contains(e.getCode())) {
                return Outcome.GONE;
            }
            throw e;
        }
    }

    String patchOf(RelayPod pod, String revision, int count) {
        Map<String, String> annotations = new LinkedHashMap<>();
        annotations.put(Annotations.REVISION, revision);
        // Null removes it: the first nudge for a revision is told by the revision alone.
        annotations.put(Annotations.NUDGE, count == 0 ? null : String.valueOf(count));
        try {
            return json.writeValueAsString(Map.of("metadata", Map.of("uid", pod.uid(), "annotations", annotations)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("maps of text can be written", e);
        }
    }
}
