package link.ambassador.webhook.tls;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhook;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The {@code caBundle} of every entry of one MutatingWebhookConfiguration: what the API server trusts when it calls. It is
 * the only field that is written, by a field manager of its own, so that whoever applies the rest need not know it.
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
     * @throws KubernetesClientException of the status 409 when the configuration is not {@code found} any more
     */
    void write(String bundle, MutatingWebhookConfiguration found) {
        String encoded = Base64.getEncoder().encodeToString(bundle.getBytes(StandardCharsets.UTF_8));
        ObjectMeta metadata = found.getMetadata();
        Map<String, Object> applied = Map.of(
                "apiVersion",
                "admissionregistration.k8s.io/v1",
                "kind",
                "MutatingWebhookConfiguration",
                // The version, so that a replica that knows an older bundle does not undo a newer.
                "metadata",
                Map.of("name", name, "resourceVersion", metadata.getResourceVersion()),
                "webhooks",
                entries(found).stream()
                        .map(entry -> Map.of("name", entry.getName(), "clientConfig", Map.of("caBundle", encoded)))
                        .toList());
        configuration().patch(APPLY, kubernetes.getKubernetesSerialization().asJson(applied));
    }

    SharedIndexInformer<MutatingWebhookConfiguration> inform(
            ResourceEventHandler<MutatingWebhookConfiguration> handler) {
        return configuration().runnableInformer(0).addEventHandler(handler);
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
