package link.ambassador.webhook.tls;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import link.ambassador.config.Labels;
import link.ambassador.informer.Informers;

/** The Secret that holds {@link Certificates}. Each write fails with a conflict when another replica wrote since it was read. */
final class CertificateSecret {
    private static final String TYPE = "kubernetes.io/tls";

    private final KubernetesClient kubernetes;
    private final String namespace;
    private final String name;

    CertificateSecret(KubernetesClient kubernetes, String namespace, String name) {
        this.kubernetes = kubernetes;
        this.namespace = namespace;
        this.name = name;
    }

    Optional<Secret> read() {
        return Optional.ofNullable(
                kubernetes.secrets().inNamespace(namespace).withName(name).get());
    }

    /** @throws IllegalArgumentException when its certificates are incomplete */
    static Certificates certificates(Secret secret) {
        Map<String, String> texts = new HashMap<>();
        Optional.ofNullable(secret.getData())
                .orElse(Map.of())
                .forEach((key, data) ->
                        texts.put(key, new String(Base64.getDecoder().decode(data), StandardCharsets.UTF_8)));
        return Certificates.of(texts);
    }

    /** @throws KubernetesClientException with code 409 when it exists by now */
    Secret create(Certificates certificates) {
        return kubernetes.resource(secret(certificates, TYPE, null)).create();
    }

    /** @throws KubernetesClientException with code 409 when it was changed since {@code found} was read */
    Secret replace(Secret found, Certificates certificates) {
        // Replaced and not edited: anything else in it is not the webhook's.
        String version = found.getMetadata().getResourceVersion();
        return kubernetes
                .resource(secret(certificates, found.getType(), version))
                .lockResourceVersion(version)
                .update();
    }

    /** Watches it, once they are started. */
    Informers<Secret> informers() {
        return Informers.of(
                toString(), kubernetes.secrets().inNamespace(namespace).withName(name));
    }

    @Override
    public String toString() {
        return "the Secret " + namespace + "/" + name;
    }

    private Secret secret(Certificates certificates, String type, String resourceVersion) {
        return new SecretBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .withResourceVersion(resourceVersion)
                .addToLabels(Labels.APP_PART_OF, "ambassador")
                .endMetadata()
                .withType(type)
                .withData(encoded(certificates.data()))
                .build();
    }

    private static Map<String, String> encoded(Map<String, String> texts) {
        Map<String, String> data = new HashMap<>();
        texts.forEach((key, text) ->
                data.put(key, Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8))));
        return data;
    }
}
