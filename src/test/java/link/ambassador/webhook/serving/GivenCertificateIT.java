package link.ambassador.webhook.serving;

import static link.ambassador.webhook.serving.WebhookFixture.isInjected;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import link.ambassador.config.Labels;
import link.ambassador.kubernetes.ApiServer;
import link.ambassador.webhook.tls.GivenKeys;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A certificate that somebody else makes and renews, a {@code caBundle} that somebody else writes, and a real API server. */
@ExtendWith(ApiServer.class)
class GivenCertificateIT {
    private static final Map<String, String> REQUIRING = Map.of(Labels.INJECT, "required");
    private static final Duration SOON = Duration.ofSeconds(30);

    @Test
    void theApiServerCallsTheWebhookAndTheOperatorLeavesTheRestAlone(KubernetesClient kubernetes, @TempDir Path folder)
            throws Exception {
        GivenKeys keys = GivenKeys.signedByAnAuthority();
        GivenKeys.mount(folder, keys.certificates(), keys.traditional());
        try (WebhookFixture scene = new WebhookFixture(kubernetes, Optional.empty(), Optional.of(folder))) {
            scene.trust(keys.chain().get(1));

            scene.serving();

            assertThat(isInjected(scene.dryRun(REQUIRING))).isTrue();
            assertThat(scene.trusts(keys.chain().get(0))).isTrue();
            assertThat(kubernetes
                            .secrets()
                            .inNamespace(scene.namespace())
                            .withName(WebhookFixture.SECRET)
                            .get())
                    .isNull();

            GivenKeys renewed = GivenKeys.of("RSA");
            GivenKeys.mount(folder, renewed.certificates(), renewed.traditional());
            scene.trust(renewed.chain().get(0));
            await().atMost(SOON).until(() -> Handshake.chainAt(scene.port()).equals(renewed.chain()));
            await().atMost(SOON).until(() -> isInjected(scene.dryRun(Map.of(Labels.INJECT, "true"))));
        }
    }
}
