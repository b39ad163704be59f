package link.ambassador.operator.delivery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import link.ambassador.config.Annotations;

/**
 * The operator's only write on pods: a patch of {@code pods/status} that changes annotations under {@code ambassador.link/}. The
 * patch carries the pod's uid, so it never reaches another pod of the same name. At most {@value #MOST_IN_FLIGHT} patches are in
 * flight; more of them wait, and the namespaces take turns.
 *
 * <p>A changed annotation also makes the kubelet refresh the pod's volumes now, instead of within 60 to 90 seconds.
 *
 * <p>The request is made by hand, because the client's own patch of a pod by name reads the pod first, and holds a thread
 * meanwhile.
 *
 * @see <a href="https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/">Mounted ConfigMaps are
 *     updated automatically</a>
 */
public final class PodAnnotations {
    private static final int MOST_IN_FLIGHT = 50;
    private static final String MERGE_PATCH = "application/merge-patch+json";

    /** How a write ended. */
    public enum Outcome {
        /** The pod's annotations were changed; its kubelet sees that at once. */
        SENT,

        /** The pod is gone, or another pod has its name. */
        GONE
    }

    /** One annotation of a pod, for example by {@link #refresh} or {@link #writeTable}. */
    @FunctionalInterface
    public interface Write {
        /**
         * Writes the annotation.
         *
         * @param count how often {@code value} was written to this pod before. The kubelet refreshes only when an annotation
         *     changed, so a repeated value is written together with its count
         * @return completes on the caller's context; fails when the API server rejected the patch or did not answer
         */
        Future<Outcome> write(RelayPod pod, String value, int count);
    }

    private final ObjectMapper json = new ObjectMapper();
    private final Vertx vertx;
    private final KubernetesClient kubernetes;
    private final MeterRegistry meters;
    private final FairTurns turns;

    public PodAnnotations(Vertx vertx, KubernetesClient kubernetes, MeterRegistry meters) {
        this.vertx = vertx;
        this.kubernetes = kubernetes;
        this.meters = meters;
        this.turns = new FairTurns(vertx, MOST_IN_FLIGHT, MOST_IN_FLIGHT);
    }

    /** Tells a gateway's pod the revision of the ConfigMap that it mounts; see {@link Write}. */
    public Future<Outcome> refresh(RelayPod pod, String revision, int count) {
        return write("ambassador.kubelet.refreshes", pod, Annotations.REVISION, revision, count);
    }

    /** Gives a pod with a sidecar its link table; see {@link Write}. */
    public Future<Outcome> writeTable(RelayPod pod, String table, int count) {
        return write("ambassador.table.writes", pod, Annotations.LINKS, table, count);
    }

    private Future<Outcome> write(String counter, RelayPod pod, String annotation, String value, int count) {
        Map<String, String> annotations = new LinkedHashMap<>();
        annotations.put(annotation, value);
        // Null removes it: the first write is a change without it.
        annotations.put(Annotations.REFRESH, count == 0 ? null : String.valueOf(count));
        String patch = patchOf(pod, annotations);
        return turns.run(pod.namespace(), () -> send(pod, patch))
                .onComplete(
                        ended -> meters.counter(counter, "outcome", word(ended)).increment());
    }

    private static String word(AsyncResult<Outcome> ended) {
        return ended.succeeded() ? ended.result().name().toLowerCase(Locale.ROOT) : "failed";
    }

    private Future<Outcome> send(RelayPod pod, String patch) {
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

    private static Future<Outcome> outcome(RelayPod pod, HttpResponse<String> response) {
        if (response.isSuccessful()) {
            return Future.succeededFuture(Outcome.SENT);
        }
        PatchRefusal refusal = PatchRefusal.of(response.code(), response.body());
        return refusal.podIsGone()
                ? Future.succeededFuture(Outcome.GONE)
                : Future.failedFuture("the API server rejected the patch of pod " + pod.namespace() + "/" + pod.name()
                        + " with " + response.code() + ": " + refusal.sentence());
    }

    private String patchOf(RelayPod pod, Map<String, String> annotations) {
        try {
            return json.writeValueAsString(Map.of("metadata", Map.of("uid", pod.uid(), "annotations", annotations)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("maps of text can be written", e);
        }
    }
}
