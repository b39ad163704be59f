package link.ambassador.operator.delivery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.net.HttpURLConnection;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import link.ambassador.link.Annotations;

/**
 * The only write on pods that the operator has: a patch of {@code pods/status} that changes annotations under
 * {@code ambassador.link/}. It carries the pod's uid, so that it never reaches another pod of the same name. At most
 * {@value #MOST_IN_FLIGHT} are under way at once; more wait their turn.
 *
 * <p>Sent as it is: the client's own patch of a pod by its name would read the pod first, and hold a thread meanwhile.
 *
 * @see <a href="https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/">Mounted ConfigMaps are
 *     updated automatically</a>
 */
public final class PodAnnotations {
    private static final int MOST_IN_FLIGHT = 50;
    private static final String MERGE_PATCH = "application/merge-patch+json";

    /** No pod of that name; another uid, as a conflict or as a change of what cannot be changed. */
    private static final Set<Integer> GONE =
            Set.of(HttpURLConnection.HTTP_NOT_FOUND, HttpURLConnection.HTTP_CONFLICT, 422 /* Unprocessable Content */);

    private record Waiting(RelayPod pod, String patch, Context caller, Promise<Nudges.Outcome> outcome) {}

    private final ObjectMapper json = new ObjectMapper();
    private final Vertx vertx;
    private final KubernetesClient kubernetes;
    private final Queue<Waiting> queue = new ArrayDeque<>();
    private int inFlight;

    public PodAnnotations(Vertx vertx, KubernetesClient kubernetes) {
        this.vertx = vertx;
        this.kubernetes = kubernetes;
    }

    /**
     * One annotation and how often it was written before, so that the same again is a change, and the kubelet refreshes.
     */
    public static Map<String, String> counted(String annotation, String value, int count) {
        Map<String, String> annotations = new LinkedHashMap<>();
        annotations.put(annotation, value);
        // Null removes it: the first time is told by the value alone.
        annotations.put(Annotations.NUDGE, count == 0 ? null : String.valueOf(count));
        return annotations;
    }

    /**
     * Changes annotations.
     *
     * @param annotations null for one that is to be removed
     * @return completes on the caller's context; fails when the API server refused or did not answer
     */
    public Future<Nudges.Outcome> patch(RelayPod pod, Map<String, String> annotations) {
        Promise<Nudges.Outcome> outcome = Promise.promise();
        Waiting waiting = new Waiting(pod, patchOf(pod, annotations), vertx.getOrCreateContext(), outcome);
        synchronized (this) {
            if (inFlight == MOST_IN_FLIGHT) {
                queue.add(waiting);
                return outcome.future();
            }
            inFlight++;
        }
        send(waiting);
        return outcome.future();
    }

    private void send(Waiting one) {
        CompletableFuture<HttpResponse<String>> sent;
        try {
            String pods = kubernetes.getMasterUrl() + "api/v1/namespaces/" + one.pod.namespace() + "/pods/";
            sent = kubernetes
                    .getHttpClient()
                    .sendAsync(
                            kubernetes
                                    .getHttpClient()
                                    .newHttpRequestBuilder()
                                    .uri(pods + one.pod.name() + "/status")
                                    .method("PATCH", MERGE_PATCH, one.patch)
                                    .build(),
                            String.class);
        } catch (RuntimeException e) {
            // A client that was closed.
            sent = CompletableFuture.failedFuture(e);
        }
        sent.whenComplete((response, failure) -> {
            next();
            one.caller.runOnContext(now -> complete(one, response, failure));
        });
    }

    private void next() {
        Waiting following;
        synchronized (this) {
            following = queue.poll();
            if (following == null) {
                inFlight--;
            }
        }
        if (following != null) {
            send(following);
        }
    }

    private static void complete(Waiting one, HttpResponse<String> response, Throwable failure) {
        if (failure != null) {
            one.outcome.fail(failure);
        } else if (response.isSuccessful()) {
            one.outcome.complete(Nudges.Outcome.SENT);
        } else if (GONE.contains(response.code())) {
            one.outcome.complete(Nudges.Outcome.GONE);
        } else {
            one.outcome.fail("the API server refused the patch of pod " + one.pod.namespace() + "/" + one.pod.name()
                    + " with " + response.code() + ": " + response.body());
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
