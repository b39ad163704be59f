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
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import link.ambassador.tables.SidecarAmbassador;
import link.ambassador.tables.StoredAmbassador;

/**
 * The Ambassadors of a namespace as the API server has them now. A cache is behind by what a watch takes, and an Ambassador
 * that comes first in one file is 0 to 50 ms older than its pods.
 */
final class LiveAmbassadors {
    private final KubernetesClient kubernetes;
    private final Duration deadline;

    /** @param deadline for one answer */
    LiveAmbassadors(KubernetesClient kubernetes, Duration deadline) {
        this.kubernetes = kubernetes;
        this.deadline = deadline;
    }

    /** Fails when the API server refuses or does not answer in time; completes on a thread of the client's. */
    CompletableFuture<Collection<SidecarAmbassador>> in(String namespace) {
        HttpClient http = kubernetes.getHttpClient();
        // Without a resourceVersion: what is true now, and not what a cache of the API server has.
        URI list = URI.create(
                kubernetes.getMasterUrl() + "apis/ambassador.link/v1alpha1/namespaces/" + namespace + "/ambassadors");
        CompletableFuture<HttpResponse<byte[]>> answer =
                http.sendAsync(http.newHttpRequestBuilder().uri(list).build(), byte[].class);
        return answer.copy()
                .orTimeout(deadline.toMillis(), TimeUnit.MILLISECONDS)
                // Else the client goes on trying.
                .whenComplete((response, failure) -> answer.cancel(true))
                .handle((response, failure) -> {
                    if (failure instanceof TimeoutException) {
                        throw new IllegalStateException("no answer in " + deadline.toMillis() + " ms", failure);
                    }
                    if (failure != null) {
                        throw new IllegalStateException(failure.getMessage(), failure);
                    }
                    return read(response);
                });
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
