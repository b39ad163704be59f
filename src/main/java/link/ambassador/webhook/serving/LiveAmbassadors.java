package link.ambassador.webhook.serving;

import com.fasterxml.jackson.core.type.TypeReference;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.ByteArrayInputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import link.ambassador.model.SidecarAmbassador;
import link.ambassador.model.StoredAmbassador;

/**
 * The Ambassadors of a namespace as the API server has them now. A cache is behind by what a watch takes, and an Ambassador
 * that comes first in one file is 0 to 50 ms older than its pods.
 */
final class LiveAmbassadors {
    private final KubernetesClient kubernetes;
    private final Duration deadline;
    private final ListBudget budget = new ListBudget(System::nanoTime);
    private final Set<String> asking = new HashSet<>();

    /** What is to be asked when the question that is on its way has its answer: that one may have been asked too early. */
    private final Map<String, CompletableFuture<Collection<SidecarAmbassador>>> next = new HashMap<>();

    /** The API server is not asked, because it was asked so often; the cache is behind by a moment at most. */
    static final class TooMany extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /** @param deadline for one answer */
    LiveAmbassadors(KubernetesClient kubernetes, Duration deadline) {
        this.kubernetes = kubernetes;
        this.deadline = deadline;
    }

    /**
     * Fails when the API server refuses or does not answer in time, and with {@link TooMany}; completes on a thread of the
     * client's. Those who ask while a question is on its way share the next one.
     *
     * @param namespace a name that a namespace can have
     */
    CompletableFuture<Collection<SidecarAmbassador>> in(String namespace) {
        CompletableFuture<Collection<SidecarAmbassador>> answer;
        synchronized (this) {
            if (asking.contains(namespace)) {
                return within(deadline, next.computeIfAbsent(namespace, name -> new CompletableFuture<>()));
            }
            answer = new CompletableFuture<>();
            asking.add(namespace);
        }
        ask(namespace, answer);
        return answer;
    }

    private void ask(String namespace, CompletableFuture<Collection<SidecarAmbassador>> answer) {
        if (!budget.begins(namespace)) {
            asked(namespace);
            answer.completeExceptionally(new TooMany());
            return;
        }
        list(namespace).whenComplete((ambassadors, failure) -> {
            budget.ended();
            asked(namespace);
            if (failure == null) {
                answer.complete(ambassadors);
            } else {
                answer.completeExceptionally(failure);
            }
        });
    }

    private void asked(String namespace) {
        CompletableFuture<Collection<SidecarAmbassador>> waiting;
        synchronized (this) {
            waiting = next.remove(namespace);
            if (waiting == null) {
                asking.remove(namespace);
            }
        }
        if (waiting != null) {
            ask(namespace, waiting);
        }
    }

    private CompletableFuture<Collection<SidecarAmbassador>> list(String namespace) {
        HttpClient http = kubernetes.getHttpClient();
        // Without a resourceVersion: what is true now, and not what a cache of the API server has.
        URI list = URI.create(
                kubernetes.getMasterUrl() + "apis/ambassador.link/v1alpha1/namespaces/" + namespace + "/ambassadors");
        CompletableFuture<HttpResponse<byte[]>> answer =
                http.sendAsync(http.newHttpRequestBuilder().uri(list).build(), byte[].class);
        return within(deadline, answer)
                // Else the client goes on trying.
                .whenComplete((response, failure) -> answer.cancel(true))
                .thenApply(this::read);
    }

    private static <T> CompletableFuture<T> within(Duration time, CompletableFuture<T> answer) {
        return answer.copy()
                .orTimeout(time.toMillis(), TimeUnit.MILLISECONDS)
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(
                        failure instanceof TimeoutException
                                ? new TimeoutException("no answer in " + time.toMillis() + " ms")
                                : failure));
    }

    private Collection<SidecarAmbassador> read(HttpResponse<byte[]> response) {
        if (response.code() != HttpURLConnection.HTTP_OK) {
            throw new IllegalStateException("the API server answered with the status " + response.code());
        }
        return kubernetes
                .getKubernetesSerialization()
                .unmarshal(
                        new ByteArrayInputStream(response.body()),
                        new TypeReference<GenericKubernetesResourceList>() {})
                .getItems()
                .stream()
                .map(stored ->
                        StoredAmbassador.sidecar(stored, kubernetes.getKubernetesSerialization(), Optional.empty()))
                .flatMap(Optional::stream)
                .toList();
    }
}
