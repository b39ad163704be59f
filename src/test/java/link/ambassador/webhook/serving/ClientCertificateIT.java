package link.ambassador.webhook.serving;

import static link.ambassador.webhook.serving.WebhookFixture.awaitReady;
import static link.ambassador.webhook.serving.WebhookFixture.isInjected;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import link.ambassador.config.Labels;
import link.ambassador.kubernetes.ApiServer;
import link.ambassador.webhook.SelfSignedKeys;
import link.ambassador.webhook.tls.CertificateTimes;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A webhook that demands a client's certificate, and real API servers: one that shows it, as the page says, and one that has none. */
@ExtendWith(ApiServer.class)
class ClientCertificateIT {
    private static final Map<String, String> ASKING = Map.of(Labels.INJECT, "true");
    private static final Map<String, String> REQUIRING = Map.of(Labels.INJECT, "required");

    @TempDir
    private Path directory;

    private Path authorities;

    @BeforeEach
    void keys() throws Exception {
        authorities = Files.writeString(
                directory.resolve("clients.pem"),
                SelfSignedKeys.of("api-server", directory).certificate());
    }

    @Test
    void anApiServerThatIsConfiguredAsThePageSaysGetsRelays() throws Exception {
        try (ApiServer.Running showing = ApiServer.start(
                        "--admission-control-config-file", configuration().toString());
                WebhookFixture scene =
                        new WebhookFixture(showing.client(), Optional.of(authorities), Optional.empty())) {
            scene.serving();
            assertThat(isInjected(scene.dryRun(REQUIRING))).isTrue();
        }
    }

    @Test
    void withoutACertificateNoRelayIsInjected(KubernetesClient withoutCertificate) throws Exception {
        try (WebhookFixture scene =
                new WebhookFixture(withoutCertificate, Optional.of(authorities), Optional.empty())) {
            awaitReady(scene.start(scene.port(), CertificateTimes.DEFAULT));
            assertThat(isInjected(scene.dryRun(ASKING))).isFalse();
            assertThatThrownBy(() -> scene.dryRun(REQUIRING))
                    .isInstanceOf(KubernetesClientException.class)
                    .hasMessageContaining("failed calling webhook");
        }
    }

    private Path configuration() throws Exception {
        SelfSignedKeys keys = SelfSignedKeys.of("api-server", directory);
        Path certificate = Files.writeString(directory.resolve("webhooks.crt"), keys.certificate());
        Path key = Files.writeString(directory.resolve("webhooks.key"), keys.key());
        // For any name: the port of this webhook is not known yet.
        Path users = Files.writeString(
                directory.resolve("webhooks.yaml"),
                """
                apiVersion: v1
                kind: Config
                users:
                - name: '*'
                  user: {client-certificate: %s, client-key: %s}
                """
                        .formatted(certificate, key));
        return Files.writeString(
                directory.resolve("admission.yaml"),
                """
                apiVersion: apiserver.config.k8s.io/v1
                kind: AdmissionConfiguration
                plugins:
                - name: MutatingAdmissionWebhook
                  configuration:
                    apiVersion: apiserver.config.k8s.io/v1
                    kind: WebhookAdmissionConfiguration
                    kubeConfigFile: %s
                """
                        .formatted(users));
    }
}
