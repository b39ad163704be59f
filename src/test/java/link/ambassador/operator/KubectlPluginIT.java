package link.ambassador.operator;

import static link.ambassador.operator.GatewayNamespace.link;
import static link.ambassador.operator.GatewayNamespace.manifest;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import link.ambassador.ConcurrentTest;
import link.ambassador.kubernetes.Kubectl;
import link.ambassador.operator.FakeKubelet.GatewayPod;
import link.ambassador.relay.LoopbackPort;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What the plugin of kubectl says when relays do not get new targets, with real relays. */
@ExtendWith({GatewayTestExtension.class, RunningOperator.class})
class KubectlPluginIT {
    private static final String STAGED = "retarget: {rollout: {type: Staged, staged: {steps: [{relays: 1, pause: 1h},"
            + " {relays: 100%}], failureThreshold: {minConnects: 5}, onFailure: ";

    @TempDir
    Path directory;

    @ConcurrentTest
    void aSwitchEndsWhenThePreflightFails(KubernetesClient kubernetes, GatewayNamespace namespace, FakeKubelet kubelet)
            throws Exception {
        started(namespace, kubelet, "retarget: {preflight: {mode: All}}");

        Kubectl.Result ended = kubectl(kubernetes, namespace).plugin("switch", "redis", nobody());
        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.output())
                .contains("\nPreflightFailed: 0 of 1 relays reach the new targets; redis-ambassador-");
    }

    @ConcurrentTest
    void aSwitchEndsWhenItIsRolledBack(KubernetesClient kubernetes, GatewayNamespace namespace, FakeKubelet kubelet)
            throws Exception {
        assertThat(switchThatFails(kubernetes, namespace, kubelet, "Rollback"))
                .contains("\nRolledBack: In step 1 of 2, ", "relays have the targets from before");
        assertThat(kubectl(kubernetes, namespace)
                        .plugin("history", "redis")
                        .succeeded()
                        .output())
                .contains("  RolledBack  0        0      ");
    }

    @ConcurrentTest
    void aSwitchEndsWhenItIsPaused(KubernetesClient kubernetes, GatewayNamespace namespace, FakeKubelet kubelet)
            throws Exception {
        assertThat(switchThatFails(kubernetes, namespace, kubelet, "Pause"))
                .contains("\nPaused: Step 1 of 2: 1 of 1 relays, ", "no further relay gets the new targets");
    }

    @ConcurrentTest
    void aSwitchOfALinkInStagesThatIsHeldEnds(
            KubernetesClient kubernetes, GatewayNamespace namespace, FakeKubelet kubelet) throws Exception {
        started(namespace, kubelet, STAGED + "Pause}}}");
        Kubectl kubectl = kubectl(kubernetes, namespace);
        kubectl.plugin("hold", "redis").succeeded();

        Kubectl.Result ended = kubectl.plugin("switch", "redis", "redis-b:6379");
        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.output())
                .contains("\nHeld: Step 1 of 2: 0 of 1 relays, 0 of 0 connects failed. The steps wait for the end");
        assertThat(namespace.status("redis").rollout().reason()).isEqualTo("Held");
    }

    /** What the plugin printed while consumers connect to the relay. */
    private String switchThatFails(
            KubernetesClient kubernetes, GatewayNamespace namespace, FakeKubelet kubelet, String onFailure)
            throws Exception {
        GatewayPod pod = started(namespace, kubelet, STAGED + onFailure + "}}}");
        AtomicBoolean ended = new AtomicBoolean();
        Thread consumers = new Thread(() -> {
            while (!ended.get()) {
                try (Socket consumer = new Socket(pod.address(), 6379)) {
                    consumer.setSoTimeout(30_000);
                    consumer.getInputStream().read();
                } catch (IOException reset) {
                    // As it should be.
                }
            }
        });
        consumers.start();
        try {
            Kubectl.Result result = kubectl(kubernetes, namespace).plugin("switch", "redis", nobody());
            assertThat(result.status()).isEqualTo(1);
            return result.output();
        } finally {
            ended.set(true);
            consumers.join();
        }
    }

    private static GatewayPod started(GatewayNamespace namespace, FakeKubelet kubelet, String retarget)
            throws IOException {
        namespace.applied(manifest("redis", "links: [" + link(6379, nobody()) + "]", retarget));
        GatewayPod pod = kubelet.run("redis");
        namespace.await("redis", "Converged", "Acknowledged");
        return pod;
    }

    private static String nobody() throws IOException {
        return OwnAddress.find().getHostAddress() + ":" + LoopbackPort.free();
    }

    private Kubectl kubectl(KubernetesClient kubernetes, GatewayNamespace namespace)
            throws IOException, InterruptedException {
        return new Kubectl(kubernetes, namespace.name(), directory);
    }
}
