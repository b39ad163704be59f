package link.ambassador.operator;

import static link.ambassador.operator.GatewayNamespace.manifest;
import static link.ambassador.operator.GatewayNamespace.message;
import static link.ambassador.operator.GatewayNamespace.reason;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import link.ambassador.ConcurrentTest;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.api.v1alpha1.TargetStatus;
import link.ambassador.kubernetes.Kubectl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Links with a health check, with real relays, which decide by themselves. */
@ExtendWith(GatewayTestExtension.class)
class FailoverIT {
    private static final String TARGETS = "targets: [{host: redis-a, port: 6379}, {host: redis-b, port: 6379}]";
    private static final String CHECKED = "links: [{listen: 6379, " + TARGETS + ", healthCheck: {type: TCP}}]";
    private static final String WITH_A_PASSWORD = "links: [{listen: 6379, " + TARGETS
            + ", healthCheck: {type: Exchange, exchange: {steps: [{send: \"AUTH %s\\r\\n\", expect: +OK}],"
            + " credentialRef: {name: redis-auth, key: redis-password}}}}]";

    private InProcessOperator operator;

    @BeforeEach
    void operator(KubernetesClient kubernetes, GatewayNamespace namespace) {
        operator = InProcessOperator.start(
                kubernetes.getConfiguration(), Map.of("AMBASSADOR_NAMESPACES", namespace.name()));
    }

    @AfterEach
    void close() {
        operator.close();
    }

    @ConcurrentTest
    void aFailoverOfTheRelaysIsInTheStatusAndInOneEvent(
            KubernetesClient kubernetes, GatewayNamespace namespace, FakeSidecars sidecars, @TempDir Path directory)
            throws Exception {
        HttpServer first = target();
        HttpServer second = target();
        String a = "127.0.0.1:" + first.getAddress().getPort();
        String b = "127.0.0.1:" + second.getAddress().getPort();
        try {
            namespace.applied(manifest(
                    "redis",
                    "links: [{listen: 6379, targets: [{host: 127.0.0.1, port: %d}, {host: 127.0.0.1, port: %d}], healthCheck: {type: TCP,"
                                    .formatted(
                                            first.getAddress().getPort(),
                                            second.getAddress().getPort())
                            + " probe: Always, interval: 500ms, unhealthyThreshold: 1}}]",
                    "placement: {sidecar: {selector: {matchLabels: {app: web}}}}"));
            sidecars.run("web");
            sidecars.run("web");
            namespace.awaitStatus(
                    "redis", status -> List.of(new TargetStatus(6379, a, 2, 2), new TargetStatus(6379, b, 0, 2))
                            .equals(status.targets()));

            first.stop(0);

            AmbassadorStatus after = namespace.awaitStatus(
                    "redis", status -> List.of(new TargetStatus(6379, a, 0, 0), new TargetStatus(6379, b, 2, 2))
                            .equals(status.targets()));
            assertThat(reason(after, "TargetReachable")).isEqualTo("FailedOver");
            assertThat(message(after, "TargetReachable"))
                    .startsWith("Port 6379: 2 of 2 relays use " + b + ", the second. From ")
                    .contains(a);
            assertThat(reason(after, "Converged")).isEqualTo("Acknowledged");
            await().atMost(GatewayNamespace.SOON)
                    .until(() -> namespace.events("redis").contains("FailedOver"));
            assertThat(namespace.eventMessages("redis", "FailedOver"))
                    .singleElement()
                    .asString()
                    .startsWith("Port 6379: 2 of 2 relays use " + b);
            assertThat(new Kubectl(kubernetes, namespace.name(), directory)
                            .plugin("status", "redis")
                            .succeeded()
                            .output())
                    .contains(
                            "\n  6379 -> " + a + ": relays that find it healthy: 0, that use it: 0\n",
                            "\n  6379 -> " + b + ": relays that find it healthy: 2, that use it: 2\n");
        } finally {
            first.stop(0);
            second.stop(0);
        }
    }

    /** Accepts connections, and leaves them open. */
    private static HttpServer target() throws IOException {
        HttpServer target = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        target.start();
        return target;
    }

    @ConcurrentTest
    void aPasswordIsMountedAndNotRead(GatewayNamespace namespace) {
        namespace.applied(manifest("redis", WITH_A_PASSWORD));

        var pod = namespace
                .get(Deployment.class, "redis-ambassador")
                .orElseThrow()
                .getSpec()
                .getTemplate();
        assertThat(pod.getMetadata().getAnnotations())
                .containsEntry("ambassador.link/credentials", "redis-auth/redis-password");
        Volume volume = pod.getSpec().getVolumes().get(1);
        assertThat(volume.getName()).isEqualTo("ambassador-tls-redis-auth");
        var secret = volume.getProjected().getSources().get(0).getSecret();
        assertThat(secret.getName()).isEqualTo("redis-auth");
        assertThat(secret.getOptional()).isTrue();
        assertThat(secret.getItems())
                .extracting(KeyToPath::getKey, KeyToPath::getPath)
                .containsExactly(tuple("redis-password", "redis-password"));
        assertThat(pod.getSpec().getContainers().get(0).getVolumeMounts())
                .extracting(VolumeMount::getMountPath)
                .containsExactly("/etc/ambassador", "/var/run/ambassador/tls/redis-auth");
        assertThat(namespace.table("redis")).contains("\"credential\":\"redis-auth/redis-password\"");
    }

    @ConcurrentTest
    void aRelayKnowsTheAddressAndTheNameOfItsPod(GatewayNamespace namespace) {
        namespace.applied(manifest("redis", CHECKED));

        assertThat(namespace
                        .get(Deployment.class, "redis-ambassador")
                        .orElseThrow()
                        .getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .get(0)
                        .getEnv())
                .filteredOn(variable -> variable.getValueFrom() != null)
                .extracting(
                        EnvVar::getName,
                        variable -> variable.getValueFrom().getFieldRef().getFieldPath())
                .containsExactly(
                        tuple("AMBASSADOR_POD_IP", "status.podIP"),
                        tuple("AMBASSADOR_POD_NAME", "metadata.name"),
                        tuple("AMBASSADOR_POD_NAMESPACE", "metadata.namespace"));
    }
}
