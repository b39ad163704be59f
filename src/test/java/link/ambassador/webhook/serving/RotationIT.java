package link.ambassador.webhook.serving;

import static link.ambassador.webhook.serving.WebhookFixture.isInjected;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import link.ambassador.config.Labels;
import link.ambassador.kubernetes.ApiServer;
import link.ambassador.relay.LoopbackPort;
import link.ambassador.webhook.tls.CertificateTimes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Certificates and authorities that are replaced every few seconds, while a real API server goes on calling. */
@ExtendWith(ApiServer.class)
class RotationIT {
    private static final CertificateTimes SECONDS = new CertificateTimes(
            Duration.ofSeconds(18),
            Duration.ofSeconds(6),
            Duration.ofHours(1),
            Duration.ofSeconds(1),
            Duration.ofMillis(200));
    private static final int PODS = 200;

    @Test
    void noPodGoesWithoutItsRelay(KubernetesClient kubernetes) throws Exception {
        try (WebhookFixture scene = new WebhookFixture(kubernetes)) {
            scene.serving(SECONDS);
            // Another that has the same mind, and writes to the same two objects.
            int other = LoopbackPort.free();
            WebhookFixture.awaitReady(scene.start(other, SECONDS));
            Set<BigInteger> leaves = new HashSet<>();
            Set<X500Principal> authorities = new HashSet<>();
            int[] pods = {0};

            await().atMost(Duration.ofMinutes(3))
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> {
                        // One that requires its relay is refused when the call fails, and says why.
                        assertThat(isInjected(scene.dryRun(Map.of(Labels.INJECT, "required"))))
                                .as("pod %d after %d certificates", pods[0], leaves.size())
                                .isTrue();
                        pods[0]++;
                        X509Certificate leaf = Handshake.leafAt(scene.port());
                        assertThat(scene.trusts(leaf))
                                .as("certificate %d is trusted", leaves.size())
                                .isTrue();
                        leaves.add(leaf.getSerialNumber());
                        authorities.add(leaf.getIssuerX500Principal());
                        return pods[0] >= PODS && leaves.size() >= 5 && authorities.size() >= 3;
                    });

            await().until(() -> Handshake.leafAt(other).equals(Handshake.leafAt(scene.port())));
        }
    }
}
