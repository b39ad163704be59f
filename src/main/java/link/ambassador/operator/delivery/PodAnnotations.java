package link.ambassador.operator.delivery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import link.ambassador.config.Annotations;

/**
 * The only write on pods that the operator has: a patch of {@code pods/status} that changes annotations under
 * {@code ambassador.link/}. It carries the pod's uid, so that it never reaches another pod of the same name. At most
 * {@value #MOST_IN_FLIGHT} are under way at once; more wait, and the namespaces take turns.
 *
 * <p>Sent as it is: the client's own patch of a pod by its name would read the pod first, and hold a thread meanwhile.
 *
 * @see <a href="https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/">Mounted ConfigMaps are
 *     updated automatically</a>
 */
public final class PodAnnotations {
    private static final int MOST_IN_FLIGHT = 50;
    private static final String MERGE_PATCH = "application/merge-patch+json";

    private final ObjectMapper json = new ObjectMapper();
    private final Vertx vertx;
    private final KubernetesClient kubernetes;
    private final FairTurns turns;

    public PodAnnotations(Vertx vertx, KubernetesClient kubernetes) {
        this.vertx = vertx;
        this.kubernetes = kubernetes;
        this.turns = new FairTurns(vertx, MOST_IN_FLIGHT, MOST_IN_FLIGHT);
    }

    /**
     * One annotation and how often it was written before, so that the same again is a change, and the kubelet refreshes.
     */
    public static Map<String, String> counted(String annotation, String value, int count) {
        Map<String, String> annotations = new LinkedHashMap<>();
        annotations.put(annotation, value);
        // Null removes it: the first time is told by the value alone.
        annotations.put(Annotations.REFRESH, count == 0 ? null : String.valueOf(count));
        return annotations;
    }

    /**
     * Changes annotations.
     *
     * @param annotations null for one that is to be removed
     * @return completes on the caller's context; fails when the API server refused or did not answer
     */
    public Future<KubeletRefresh.Outcome> patch(RelayPod pod, Map<String, String> annotations) {
        String patch = patchOf(pod, annotations);
        return turns.run(pod.namespace(), () -> send(pod, patch));
    }

    private Future<KubeletRefresh.Outcome> send(RelayPod pod, String patch) {
        String pods = kubernetes.getMasterUrl() + "api/v1/namespaces/" + pod.namespace() + "/pods/";
        CompletableFuture<HttpResponse<String>> sent = kubernetes
                .getHttpClient()
                .sendAsync(
                        kubernetes
                                .getHttpClient()
                                .newHttpRequestBuilder()
                                .uri(pods + pod.name() + "/status")
                                .method("PATCH", MERGE_PATCH, patch)
                                .build(),
                        String.class);
        return Future.fromCompletionStage(sent, vertx.getOrCreateContext()).compose(response -> outcome(pod, response));
    }

    private static Future<KubeletRefresh.Outcome> outcome(RelayPod pod, HttpResponse<String> response) {
        if (response.isSuccessful()) {
            return Future.succeededFuture(KubeletRefresh.Outcome.SENT);
        }
        PatchRefusal refusal = PatchRefusal.of(response.code(), response.body());
        return refusal.podIsGone()
                ? Future.succeededFuture(KubeletRefresh.Outcome.GONE)
                : Future.failedFuture("the API server rejected the patch of pod " + pod.namespace() + "/" + pod.name()
                        + " with " + response.code() + ": " + refusal.sentence());
    }

    String patchOf(RelayPod pod, Map<String, String> annotations) {
        try {
            return json.writeValueAsString(Map.of("metadata", Map.of("uid", pod.uid(), "annotations", annotations)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("maps of text can be written", e);
        }
    }
}
