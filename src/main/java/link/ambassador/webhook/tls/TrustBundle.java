package link.ambassador.webhook.tls;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhook;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import link.ambassador.informer.Informers;

/**
 * The {@code caBundle} of every entry of one MutatingWebhookConfiguration: the authorities that the API server trusts when it calls
 * the webhook. This is the only field that is written, with a field manager of its own, so that others can apply the rest without it.
 */
final class TrustBundle {
    static final String FIELD_MANAGER = "ambassador-webhook";

    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager(FIELD_MANAGER)
            .withForce(true)
            .build();

    private final KubernetesClient kubernetes;
    private final String name;

    TrustBundle(KubernetesClient kubernetes, String name) {
        this.kubernetes = kubernetes;
        this.name = name;
    }

    Optional<MutatingWebhookConfiguration> read() {
        return Optional.ofNullable(configuration().get());
    }

    static boolean isEverywhere(String bundle, MutatingWebhookConfiguration configuration) {
        return entries(configuration).stream().allMatch(entry -> bundle.equals(bundleOf(entry)));
    }

    /**
     * Writes {@code bundle} into every entry.
     *
     * @throws KubernetesClientException with code 409 when the configuration was changed since {@code found} was read
     */
    void write(String bundle, MutatingWebhookConfiguration found) {
        String encoded = Base64.getEncoder().encodeToString(bundle.getBytes(StandardCharsets.UTF_8));
        ObjectMeta metadata = found.getMetadata();
        Map<String, Object> applied = Map.of(
                "apiVersion",
                "admissionregistration.k8s.io/v1",
                "kind",
                "MutatingWebhookConfiguration",
                // With the version, so that a replica with an older bundle cannot undo a newer one.
                "metadata",
                Map.of("name", name, "resourceVersion", metadata.getResourceVersion()),
                "webhooks",
                entries(found).stream()
                        .map(entry -> Map.of("name", entry.getName(), "clientConfig", Map.of("caBundle", encoded)))
                        .toList());
        configuration().patch(APPLY, kubernetes.getKubernetesSerialization().asJson(applied));
    }

    /** Watches the configuration, once they are started. */
    Informers<MutatingWebhookConfiguration> informers() {
        return Informers.of(toString(), configuration());
    }

    @Override
    public String toString() {
        return "the MutatingWebhookConfiguration " + name;
    }

    private Resource<MutatingWebhookConfiguration> configuration() {
        return kubernetes
                .admissionRegistration()
                .v1()
                .mutatingWebhookConfigurations()
                .withName(name);
    }

    private static List<MutatingWebhook> entries(MutatingWebhookConfiguration configuration) {
        return Optional.ofNullable(configuration.getWebhooks()).orElse(List.of());
    }

    private static String bundleOf(MutatingWebhook entry) {
        String encoded = entry.getClientConfig().getCaBundle();
        return encoded == null ? "" : new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
    }
}
