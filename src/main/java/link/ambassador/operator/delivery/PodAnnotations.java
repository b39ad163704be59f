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
import java.util.Map;
import java.util.Set;

/**
 * The only write on pods that the operator has: a patch of {@code pods/status} that changes annotations under
 * {@code ambassador.link/}. It carries the pod's uid, so that it never reaches another pod of the same name. At most
 * {@value #MOST_IN_FLIGHT} are under way at once.
 *
 * @see <a href="https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/">Mounted ConfigMaps are
 *     updated automatically</a>
 */
public final class PodAnnotations {
    private static final int MOST_IN_FLIGHT = 50;
    private static final PatchContext MERGE =
            new PatchContext.Builder().withPatchType(PatchType.JSON_MERGE).build();
    /** No pod of that name; another uid, as a conflict or as a change of what cannot be changed. */
    private static final Set<Integer> GONE = Set.of(404, 409, 422);

    private final ObjectMapper json = new ObjectMapper();
    private final KubernetesClient kubernetes;
    private final WorkerExecutor workers;

    public PodAnnotations(Vertx vertx, KubernetesClient kubernetes) {
        this.kubernetes = kubernetes;
        this.workers = vertx.createSharedWorkerExecutor("nudges", MOST_IN_FLIGHT);
    }

    /**
     * Changes annotations.
     *
     * @param annotations null for one that is to be removed
     * @return completes on the caller's context; fails when the API server refused or did not answer
     */
    public Future<Nudges.Outcome> patch(RelayPod pod, Map<String, String> annotations) {
        return workers.executeBlocking(() -> send(pod, patchOf(pod, annotations)), false);
    }

    private Nudges.Outcome send(RelayPod pod, String patch) {
        try {
            kubernetes
                    .pods()
                    .inNamespace(pod.namespace())
                    .withName(pod.name())
                    .subresource("status")
                    .patch(MERGE, patch);
            return Nudges.Outcome.SENT;
        } catch (KubernetesClientException e) {
            if (GONE.contains(e.getCode())) {
                return Nudges.Outcome.GONE;
            }
            throw e;
        }
    }

    String patchOf(RelayPod pod, Map<String, String> annotations) {
        try {
            return json.writeValueAsString(Map.of("metadata", Map.of("uid", pod.uid(), "annotations", annotations)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("maps of text can be written", e);
        }
    }
}
