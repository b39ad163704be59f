package link.ambassador.operator;

import static link.ambassador.operator.GatewayNamespace.SOON;
import static link.ambassador.operator.GatewayNamespace.link;
import static link.ambassador.operator.GatewayNamespace.manifest;
import static link.ambassador.operator.GatewayNamespace.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import link.ambassador.ConcurrentTest;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.operator.FakeSidecars.SidecarPod;
import link.ambassador.relay.LoopbackPort;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** Sidecars that dial a new target before any of them has it, with real relays and an operator for each test. */
@ExtendWith(GatewayTestExtension.class)
@SuppressWarnings("try") // What runs while a block does.
class SidecarPreflightIT {
    private static final String ALL = "retarget: {preflight: {mode: All}}";

    private String nobody;
    private NamedServer a;
    private NamedServer b;

    @BeforeEach
    void listen() throws IOException {
        InetAddress here = OwnAddress.find();
        nobody = here.getHostAddress() + ":" + LoopbackPort.free();
        a = new NamedServer("a", here, 0);
        b = new NamedServer("b", here, 0);
    }

    @AfterEach
    void close() throws IOException {
        a.close();
        b.close();
    }

    @ConcurrentTest
    void noSidecarMovesToATargetThatDoesNotAnswer(
            KubernetesClient kubernetes, GatewayNamespace namespace, FakeSidecars sidecars) throws Exception {
        List<SidecarPod> pods;
        try (InProcessOperator operator = operator(kubernetes, namespace)) {
            namespace.applied(redis(a.address(), ALL));
            pods = Stream.generate(() -> sidecars.run("web")).limit(3).toList();
            namespace.awaitStatus("redis", status -> status.relays().converged() == 3);

            namespace.apply(redis(nobody, ALL));
            AmbassadorStatus kept = namespace.await("redis", "Converged", "PreflightFailed");
            assertThat(message(kept, "Converged")).startsWith("0 of 3 relays reach the new targets; web-");
            assertThat(kept.rollout().phase()).isEqualTo("Preflight");
            assertThat(kept.lastRetarget()).as("nothing moved").isNull();
            assertThat(namespace.events("redis")).endsWith("PreflightFailed").doesNotContain("RetargetStarted");
            assertThat(answers(pods)).containsOnly("a");
        }
        try (InProcessOperator next = operator(kubernetes, namespace)) {
            SidecarPod born = sidecars.run("web");
            namespace.awaitStatus(
                    "redis", status -> message(status, "Converged").startsWith("0 of 4 relays reach the new targets"));
            assertThat(answers(Stream.concat(pods.stream(), Stream.of(born)).toList()))
                    .containsOnly("a");

            namespace.apply(redis(b.address(), ALL));
            AmbassadorStatus moved = namespace.awaitStatus(
                    "redis",
                    status -> status.lastRetarget() != null
                            && status.lastRetarget().convergedAt() != null);
            assertThat(moved.lastRetarget().to()).isEqualTo("6379 -> " + b.address());
            assertThat(moved.rollout().phase()).isEqualTo("Complete");
            assertThat(answers(pods)).containsOnly("b");
            assertThat(NamedServer.answering(born.address())).isEqualTo("b");
        }
    }

    @ConcurrentTest
    void asManySidecarsAsTheSpecSaysAreEnough(
            KubernetesClient kubernetes, GatewayNamespace namespace, FakeSidecars sidecars) throws Exception {
        try (InProcessOperator operator = operator(kubernetes, namespace)) {
            String half = "retarget: {preflight: {mode: All, minReachable: 50%}}";
            namespace.applied(redis(a.address(), half));
            SidecarPod pod = sidecars.run("web");
            sidecars.run("web").end();
            namespace.awaitStatus("redis", status -> status.relays().converged() >= 1);

            namespace.apply(redis(b.address(), half));
            namespace.awaitStatus("redis", status -> status.lastRetarget() != null);
            await().atMost(SOON).until(() -> NamedServer.answering(pod.address()), "b"::equals);
        }
    }

    @ConcurrentTest
    void aDeletionInAPreflightEndsIt(KubernetesClient kubernetes, GatewayNamespace namespace, FakeSidecars sidecars)
            throws Exception {
        try (InProcessOperator operator = operator(kubernetes, namespace)) {
            namespace.applied(redis(a.address(), ALL));
            SidecarPod pod = sidecars.run("web");
            namespace.awaitStatus("redis", status -> status.relays().converged() == 1);
            namespace.apply(redis(nobody, ALL));
            namespace.await("redis", "Converged", "PreflightFailed");

            namespace.delete("redis");
            await().atMost(SOON).until(pod::links, List::isEmpty);
        }
    }

    private static List<String> answers(List<SidecarPod> pods) throws IOException {
        List<String> answers = new ArrayList<>();
        for (SidecarPod pod : pods) {
            answers.add(NamedServer.answering(pod.address()));
        }
        return answers;
    }

    private static InProcessOperator operator(KubernetesClient kubernetes, GatewayNamespace namespace) {
        return InProcessOperator.start(
                kubernetes.getConfiguration(), Map.of(OperatorSettings.NAMESPACES, namespace.name()));
    }

    private static String redis(String target, String retarget) {
        return manifest(
                "redis",
                "links: [" + link(6379, target) + "]",
                retarget,
                "placement: {sidecar: {selector: {matchLabels: {app: web}}}}");
    }
}
