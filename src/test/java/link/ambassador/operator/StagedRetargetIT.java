package link.ambassador.operator;

import static link.ambassador.operator.GatewayNamespace.SOON;
import static link.ambassador.operator.GatewayNamespace.link;
import static link.ambassador.operator.GatewayNamespace.manifest;
import static link.ambassador.operator.GatewayNamespace.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import link.ambassador.ConcurrentTest;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.api.v1alpha1.RolloutStatus;
import link.ambassador.config.Annotations;
import link.ambassador.config.RelayEnvironment;
import link.ambassador.operator.FakeKubelet.GatewayPod;
import link.ambassador.operator.FakeSidecars.SidecarPod;
import org.junit.jupiter.api.extension.ExtendWith;

/** Retargets in stages, with real relays and an operator for each test. */
@ExtendWith(GatewayTestExtension.class)
@SuppressWarnings("try") // The operator that runs while a block does.
class StagedRetargetIT {
    private static final String LONG_PAUSE = "[{relays: 1, pause: 1h}, {relays: 100%}]";
    private static final String SHORT_PAUSE = "[{relays: 1, pause: 2s}, {relays: 50%, pause: 1s}, {relays: 100%}]";

    @ConcurrentTest
    void failedConnectsTakeARetargetBack(KubernetesClient kubernetes, GatewayNamespace namespace, FakeSidecars sidecars)
            throws Exception {
        try (InProcessOperator operator = InProcessOperator.start(kubernetes, namespace);
                ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            namespace.applied(staged(LONG_PAUSE, "redis-a"));
            List<SidecarPod> pods = run(sidecars, 4);
            namespace.awaitStatus("redis", status -> status.relays().converged() == 4);
            int nobody = closed.getLocalPort();
            closed.close();

            namespace.apply(staged(LONG_PAUSE, "127.0.0.1:" + nobody));
            Set<String> everMoved = new HashSet<>();
            await().atMost(SOON).until(() -> {
                for (SidecarPod pod : pods) {
                    if (host(pod).equals("127.0.0.1")) {
                        everMoved.add(pod.name());
                        connect(pod.address());
                    }
                }
                return namespace.status("redis").rollout().is("RolledBack");
            });

            assertThat(everMoved).hasSize(1);
            await().atMost(SOON).untilAsserted(() -> assertThat(pods)
                    .allSatisfy(pod -> assertThat(host(pod)).isEqualTo("redis-a")));
            AmbassadorStatus status = namespace.await("redis", "Converged", "RolledBack");
            assertThat(message(status, "Converged")).contains("connects failed", "ambassador.link/retry");
            assertThat(namespace
                            .ambassador("redis")
                            .getSpec()
                            .links()
                            .get(0)
                            .targets()
                            .get(0)
                            .host())
                    .isEqualTo("127.0.0.1");
            await().atMost(SOON).untilAsserted(() -> assertThat(namespace.events("redis"))
                    .containsOnlyOnce("RolledBack")
                    .containsOnlyOnce("RetargetStep"));

            namespace.apply(staged(LONG_PAUSE, "redis-a"));
            namespace.await("redis", "Converged", "Acknowledged");
            assertThat(namespace.status("redis").rollout().phase()).isEqualTo("Complete");
        }
    }

    @ConcurrentTest
    void aRestartedOperatorGoesOnWithTheStepsAndAPodThatIsBornMeanwhileFollows(
            KubernetesClient kubernetes, GatewayNamespace namespace, FakeSidecars sidecars) throws Exception {
        List<SidecarPod> pods;
        try (InProcessOperator operator = InProcessOperator.start(kubernetes, namespace)) {
            namespace.applied(staged(LONG_PAUSE, "redis-a"));
            pods = run(sidecars, 4);
            namespace.awaitStatus("redis", status -> status.relays().converged() == 4);
            namespace.apply(staged(LONG_PAUSE, "redis-b").replace("links: [{", "links: [{idleTimeout: 1h, "));
            AmbassadorStatus status = namespace.awaitStatus(
                    "redis",
                    now -> now.rollout() != null
                            && now.rollout().settledAt() != null
                            && now.rollout().is("Staged"));
            assertThat(status.rollout().relaysMoved()).isEqualTo(1);
            assertThat(status.relays().converged()).isEqualTo(1);
        }
        Set<String> moved = moved(pods);
        assertThat(moved).hasSize(1);

        try (InProcessOperator operator = InProcessOperator.start(kubernetes, namespace)) {
            SidecarPod born = sidecars.run("web");
            await().atMost(SOON).until(() -> born.links().size() == 1);
            assertThat(moved(pods)).isEqualTo(moved);
            assertThat(Stream.concat(pods.stream(), Stream.of(born)))
                    .as("the whole link of the step, or the one from before")
                    .allSatisfy(
                            pod -> assertThat(pod.annotation(Annotations.LINKS).contains("idleTimeout"))
                                    .isEqualTo(host(pod).equals("redis-b")));
            // The same targets with shorter pauses: the step goes on from where it is.
            namespace.apply(staged(SHORT_PAUSE, "redis-b"));
            namespace.await("redis", "Converged", "Acknowledged");
            assertThat(namespace.status("redis").rollout().phase()).isEqualTo("Complete");
            assertThat(Stream.concat(pods.stream(), Stream.of(born)))
                    .allSatisfy(pod -> assertThat(host(pod)).isEqualTo("redis-b"));

            namespace.delete("redis");
            await().atMost(SOON).untilAsserted(() -> assertThat(pods)
                    .allSatisfy(pod -> assertThat(pod.links()).isEmpty()));
        }
    }

    @ConcurrentTest
    void aTargetThatAcceptsAndResetsIsSeenByOneReplicaOfAGatewayAtMost(
            KubernetesClient kubernetes, GatewayNamespace namespace, FakeKubelet kubelet) throws Exception {
        try (InProcessOperator operator = InProcessOperator.start(kubernetes, namespace);
                ResettingTarget resetting = new ResettingTarget(OwnAddress.find())) {
            namespace.applied(stagedGateway(LONG_PAUSE, "redis-a"));
            List<GatewayPod> pods = run(kubelet, 3);
            namespace.awaitStatus("redis", status -> status.relays().converged() == 3);

            namespace.apply(stagedGateway(LONG_PAUSE, resetting.host() + ":" + resetting.port()));
            Set<String> everMoved = new HashSet<>();
            await().atMost(SOON).until(() -> {
                for (GatewayPod pod : pods) {
                    if (servedHost(pod).equals(resetting.host())) {
                        everMoved.add(pod.name());
                        connect(pod.address());
                    }
                }
                return namespace.status("redis").rollout().is("RolledBack");
            });

            assertThat(everMoved).hasSize(1);
            await().atMost(SOON).untilAsserted(() -> assertThat(pods)
                    .allSatisfy(pod -> assertThat(servedHost(pod)).isEqualTo("redis-a")));
            assertThat(namespace.table("redis")).doesNotContain("staged");

            namespace.apply(stagedGateway(SHORT_PAUSE, "redis-b"));
            namespace.await("redis", "Converged", "Acknowledged");
            assertThat(namespace.status("redis").rollout().phase()).isEqualTo("Complete");
            assertThat(pods).allSatisfy(pod -> assertThat(servedHost(pod)).isEqualTo("redis-b"));
        }
    }

    @ConcurrentTest
    void aRestartedOperatorGoesOnWithTheStepsOfAGatewayAndAReplicaThatIsBornMeanwhileFollows(
            KubernetesClient kubernetes, GatewayNamespace namespace, FakeKubelet kubelet) throws Exception {
        List<GatewayPod> pods;
        Set<String> moved;
        try (InProcessOperator operator = InProcessOperator.start(kubernetes, namespace)) {
            namespace.applied(stagedGateway(LONG_PAUSE, "redis-a"));
            pods = run(kubelet, 3);
            namespace.awaitStatus("redis", status -> status.relays().converged() == 3);
            namespace.apply(stagedGateway(LONG_PAUSE, "redis-b"));
            namespace.awaitStatus(
                    "redis",
                    status -> status.rollout().is("Staged") && status.rollout().settledAt() != null);
            moved = movedReplicas(pods);
            assertThat(moved).hasSize(1);
        }

        try (InProcessOperator operator = InProcessOperator.start(kubernetes, namespace)) {
            GatewayPod born = kubelet.run("redis");
            namespace.awaitStatus("redis", status -> status.relays().injected() == 4);
            assertThat(movedReplicas(pods)).isEqualTo(moved);
            namespace.apply(stagedGateway(SHORT_PAUSE, "redis-b"));
            namespace.await("redis", "Converged", "Acknowledged");
            assertThat(Stream.concat(pods.stream(), Stream.of(born)))
                    .allSatisfy(pod -> assertThat(servedHost(pod)).isEqualTo("redis-b"));
        }
    }

    @ConcurrentTest
    void aRestartedOperatorCountsWhatEveryStepDrained(
            KubernetesClient kubernetes, GatewayNamespace namespace, FakeSidecars sidecars) throws Exception {
        InetAddress here = OwnAddress.find();
        try (ServerSocket a = new ServerSocket(0, 50, here);
                ServerSocket b = new ServerSocket(0, 50, here)) {
            List<BusyConnection> connections = new ArrayList<>();
            try (InProcessOperator operator = InProcessOperator.start(kubernetes, namespace)) {
                namespace.applied(staged(LONG_PAUSE, BusyConnection.address(a)));
                List<SidecarPod> pods = run(sidecars, 2);
                namespace.awaitStatus("redis", status -> status.relays().converged() == 2);
                for (SidecarPod pod : pods) {
                    connections.add(BusyConnection.open(pod.address(), a));
                }
                namespace.apply(staged(LONG_PAUSE, BusyConnection.address(b)));
                AmbassadorStatus status = namespace.awaitStatus(
                        "redis",
                        now -> now.rollout().is("Staged") && now.rollout().settledAt() != null);
                assertThat(status.lastRetarget().drained()).isNull();
            }
            try (InProcessOperator operator = InProcessOperator.start(kubernetes, namespace)) {
                namespace.apply(staged(SHORT_PAUSE, BusyConnection.address(b)));
                AmbassadorStatus status = namespace.await("redis", "Converged", "Acknowledged");
                assertThat(status.lastRetarget().drained()).isEqualTo(2);
                assertThat(status.lastRetarget().reset()).isZero();
            }
            for (BusyConnection connection : connections) {
                connection.close();
            }
        }
    }

    /** As often as {@code -Dit.kills} says, in one phase after the other. */
    @ConcurrentTest
    void anOperatorThatEndsInAnyPhaseLosesNothing(
            KubernetesClient kubernetes, GatewayNamespace namespace, FakeSidecars sidecars) throws Exception {
        List<SidecarPod> pods;
        try (InProcessOperator first = InProcessOperator.start(kubernetes, namespace)) {
            namespace.applied(staged(SHORT_PAUSE, "redis-a"));
            pods = run(sidecars, 4);
            namespace.awaitStatus("redis", status -> status.relays().converged() == 4);
        }
        List<Predicate<RolloutStatus>> phases = List.of(
                rollout -> rollout.is("Staged"),
                rollout -> rollout.is("Staged") && rollout.settledAt() != null,
                rollout -> rollout.is("Complete") || rollout.step() >= 2,
                rollout -> rollout.is("Complete") || rollout.step() == 3);
        String before = "redis-a";
        for (int kill = 0; kill < Integer.getInteger("it.kills", phases.size()); kill++) {
            String next = "redis-" + (char) ('b' + kill);
            long generation =
                    namespace.apply(staged(SHORT_PAUSE, next)).getMetadata().getGeneration();
            Predicate<RolloutStatus> phase = phases.get(kill % phases.size());
            try (InProcessOperator killed = InProcessOperator.start(kubernetes, namespace)) {
                namespace.awaitStatus(
                        "redis", status -> status.observedGeneration() == generation && phase.test(status.rollout()));
            }
            assertThat(pods).extracting(StagedRetargetIT::host).isSubsetOf(before, next);
            try (InProcessOperator successor = InProcessOperator.start(kubernetes, namespace)) {
                namespace.awaitStatus(
                        "redis",
                        status -> status.observedGeneration() == generation
                                && status.rollout().is("Complete")
                                && status.relays().converged() == 4);
            }
            assertThat(pods).extracting(StagedRetargetIT::host).containsOnly(next);
            before = next;
        }
    }

    private static List<GatewayPod> run(FakeKubelet kubelet, int count) {
        return Stream.generate(() -> kubelet.run("redis")).limit(count).toList();
    }

    private static Set<String> movedReplicas(List<GatewayPod> pods) throws Exception {
        Set<String> moved = new HashSet<>();
        for (GatewayPod pod : pods) {
            if (servedHost(pod).equals("redis-b")) {
                moved.add(pod.name());
            }
        }
        return moved;
    }

    /** All replicas have one file; so this asks the relay. */
    private static String servedHost(GatewayPod pod) throws IOException {
        try (InputStream links = URI.create(
                        "http://" + pod.address() + ":" + RelayEnvironment.DEFAULT_ADMIN_PORT + "/links")
                .toURL()
                .openStream()) {
            return new ObjectMapper()
                    .readTree(links)
                    .at("/links/0/targets/0/host")
                    .asText();
        }
    }

    private static List<SidecarPod> run(FakeSidecars sidecars, int count) {
        return Stream.generate(() -> sidecars.run("web")).limit(count).toList();
    }

    private static Set<String> moved(List<SidecarPod> pods) {
        Set<String> moved = new HashSet<>();
        pods.stream().filter(pod -> host(pod).equals("redis-b")).forEach(pod -> moved.add(pod.name()));
        return moved;
    }

    private static String host(SidecarPod pod) {
        String link = pod.links().get(0);
        return link.substring(link.indexOf('>') + 1);
    }

    /** A consumer's connection, which its relay resets when the target refuses. */
    private static void connect(String relay) {
        try (Socket socket = new Socket(relay, 6379)) {
            socket.setSoTimeout((int) SOON.toMillis());
            socket.getInputStream().read();
        } catch (IOException reset) {
            // As it should be.
        }
    }

    private static String staged(String steps, String target) {
        return staged(steps, target, "{sidecar: {selector: {matchLabels: {app: web}}}}");
    }

    private static String stagedGateway(String steps, String target) {
        return staged(steps, target, "{gateway: {replicas: 3}}");
    }

    private static String staged(String steps, String target, String placement) {
        return manifest(
                "redis",
                "links: [" + link(6379, target) + "]",
                "retarget: {rollout: {type: Staged, staged: {steps: " + steps
                        + ", failureThreshold: {minConnects: 5}}}}",
                "placement: " + placement);
    }
}
