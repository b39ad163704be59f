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
import link.ambassador.model.CaBundles;
import link.ambassador.model.SidecarAmbassador;
import link.ambassador.model.StoredAmbassador;

/**
 * The Ambassadors of a namespace as the API server has them now. A cache is late by the delay of its watch, and an Ambassador that comes
 * before its pods in one file is only 0 to 50 ms older than they are.
 */
final class LiveAmbassadors {
    private final KubernetesClient kubernetes;
    private final CaBundles bundles;
    private final Duration deadline;
    private final ListBudget budget = new ListBudget(System::nanoTime);
    private final Set<String> inFlight = new HashSet<>();

    /** The next request of each namespace, after the one in flight, which may have been sent too early. */
    private final Map<String, CompletableFuture<Collection<SidecarAmbassador>>> next = new HashMap<>();

    /** The API server was asked too often, and is not asked now; the cache is late by a moment at most. */
    static final class TooMany extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /**
     * @param bundles the ConfigMaps that links name
     * @param deadline for one answer
     */
    LiveAmbassadors(KubernetesClient kubernetes, CaBundles bundles, Duration deadline) {
        this.bundles = bundles;
        this.kubernetes = kubernetes;
        this.deadline = deadline;
    }

    /**
     * Fails when the API server rejects the request or does not answer in time, and with {@link TooMany}. Completes on a thread of the
     * client. Callers that come while a request is in flight share the next one.
     *
     * @param namespace a valid name of a namespace
     */
    CompletableFuture<Collection<SidecarAmbassador>> in(String namespace) {
        CompletableFuture<Collection<SidecarAmbassador>> answer;
        synchronized (this) {
            if (inFlight.contains(namespace)) {
                return within(deadline, next.computeIfAbsent(namespace, name -> new CompletableFuture<>()));
            }
            answer = new CompletableFuture<>();
            inFlight.add(namespace);
        }
        list(namespace, answer);
        return answer;
    }

    private void list(String namespace, CompletableFuture<Collection<SidecarAmbassador>> answer) {
        if (!budget.begins(namespace)) {
            ended(namespace);
            answer.completeExceptionally(new TooMany());
            return;
        }
        list(namespace).whenComplete((ambassadors, failure) -> {
            budget.ended();
            ended(namespace);
            if (failure == null) {
                answer.complete(ambassadors);
            } else {
                answer.completeExceptionally(failure);
            }
        });
    }

    private void ended(String namespace) {
        CompletableFuture<Collection<SidecarAmbassador>> waiting;
        synchronized (this) {
            waiting = next.remove(namespace);
            if (waiting == null) {
                inFlight.remove(namespace);
            }
        }
        if (waiting != null) {
            list(namespace, waiting);
        }
    }

    private CompletableFuture<Collection<SidecarAmbassador>> list(String namespace) {
        HttpClient http = kubernetes.getHttpClient();
        // Without a resourceVersion, so that the API server reads its store and not its cache.
        URI list = URI.create(
                kubernetes.getMasterUrl() + "apis/ambassador.link/v1alpha1/namespaces/" + namespace + "/ambassadors");
        CompletableFuture<HttpResponse<byte[]>> answer =
                http.sendAsync(http.newHttpRequestBuilder().uri(list).build(), byte[].class);
        return within(deadline, answer)
                // Otherwise the client goes on retrying.
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
                .map(stored -> StoredAmbassador.sidecar(
                        stored, kubernetes.getKubernetesSerialization(), Optional.empty(), bundles))
                .flatMap(Optional::stream)
                .toList();
    }
}
