package link.ambassador.operator;

import static link.ambassador.operator.GatewayNamespace.SOON;
import static link.ambassador.operator.GatewayNamespace.link;
import static link.ambassador.operator.GatewayNamespace.manifest;
import static link.ambassador.operator.GatewayNamespace.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import link.ambassador.ConcurrentTest;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.operator.FakeSidecars.SidecarPod;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;

/** Sidecars that dial a new target before any of them has it, with real relays and an operator for each test. */
@ExtendWith(GatewayTestExtension.class)
@SuppressWarnings("try") // What runs while a block does.
class SidecarPreflightIT {
    private static final Duration BETWEEN_EDITS = Duration.ofSeconds(4);
    private static final String ALL = "retarget: {preflight: {mode: All}}";

    private PreflightTargets targets;

    @BeforeEach
    void listen() throws IOException {
        targets = new PreflightTargets();
    }

    @AfterEach
    void close() throws IOException {
        targets.close();
    }

    @ConcurrentTest
    void noSidecarMovesToATargetThatDoesNotAnswer(
            KubernetesClient kubernetes, GatewayNamespace namespace, FakeSidecars sidecars) throws Exception {
        List<SidecarPod> pods;
        try (InProcessOperator operator = InProcessOperator.start(kubernetes, namespace)) {
            namespace.applied(redis(targets.a.address(), ALL));
            pods = Stream.generate(() -> sidecars.run("web")).limit(3).toList();
            namespace.awaitStatus("redis", status -> status.relays().converged() == 3);

            namespace.apply(redis(targets.nobody, ALL));
            AmbassadorStatus kept = namespace.await("redis", "Converged", "PreflightFailed");
            assertThat(message(kept, "Converged")).startsWith("0 of 3 relays reach the new targets; web-");
            assertThat(kept.rollout().phase()).isEqualTo("Preflight");
            assertThat(kept.lastRetarget()).as("nothing moved").isNull();
            assertThat(namespace.events("redis")).endsWith("PreflightFailed").doesNotContain("RetargetStarted");
            assertThat(answers(pods)).containsOnly("a");
        }
        try (InProcessOperator next = InProcessOperator.start(kubernetes, namespace)) {
            SidecarPod born = sidecars.run("web");
            namespace.awaitStatus(
                    "redis", status -> message(status, "Converged").startsWith("0 of 4 relays reach the new targets"));
            assertThat(answers(Stream.concat(pods.stream(), Stream.of(born)).toList()))
                    .containsOnly("a");

            namespace.apply(redis(targets.b.address(), ALL));
            AmbassadorStatus moved = namespace.awaitStatus(
                    "redis",
                    status -> status.lastRetarget() != null
                            && status.lastRetarget().convergedAt() != null);
            assertThat(moved.lastRetarget().to()).isEqualTo("6379 -> " + targets.b.address());
            assertThat(moved.rollout().phase()).isEqualTo("Complete");
            assertThat(answers(pods)).containsOnly("b");
            assertThat(NamedServer.answering(born.address())).isEqualTo("b");
        }
    }

    @ConcurrentTest
    void asManySidecarsAsTheSpecSaysAreEnough(
            KubernetesClient kubernetes, GatewayNamespace namespace, FakeSidecars sidecars) throws Exception {
        try (InProcessOperator operator = InProcessOperator.start(kubernetes, namespace)) {
            String half = "retarget: {preflight: {mode: All, minReachable: 50%}}";
            namespace.applied(redis(targets.a.address(), half));
            SidecarPod pod = sidecars.run("web");
            sidecars.run("web").end();
            namespace.awaitStatus("redis", status -> status.relays().converged() >= 1);

            namespace.apply(redis(targets.b.address(), half));
            namespace.awaitStatus("redis", status -> status.lastRetarget() != null);
            await().atMost(SOON).until(() -> NamedServer.answering(pod.address()), "b"::equals);
        }
    }

    @ConcurrentTest
    void aDeletionInAPreflightEndsIt(KubernetesClient kubernetes, GatewayNamespace namespace, FakeSidecars sidecars)
            throws Exception {
        try (InProcessOperator operator = InProcessOperator.start(kubernetes, namespace)) {
            namespace.applied(redis(targets.a.address(), ALL));
            SidecarPod pod = sidecars.run("web");
            namespace.awaitStatus("redis", status -> status.relays().converged() == 1);
            namespace.apply(redis(targets.nobody, ALL));
            namespace.await("redis", "Converged", "PreflightFailed");

            namespace.delete("redis");
            await().atMost(SOON).until(pod::links, List::isEmpty);
        }
    }

    /** For figures: {@code -Dit.retargets=11}. */
    @ConcurrentTest
    @EnabledIfSystemProperty(named = "it.retargets", matches = "[1-9]\\d*")
    void aRetargetTakesLittleLonger(KubernetesClient kubernetes, GatewayNamespace namespace, FakeSidecars sidecars)
            throws Exception {
        try (InProcessOperator operator = InProcessOperator.start(kubernetes, namespace)) {
            namespace.applied(redis(targets.a.address(), ALL));
            List<SidecarPod> pods =
                    Stream.generate(() -> sidecars.run("web")).limit(3).toList();
            namespace.awaitStatus("redis", status -> status.relays().converged() == 3);
            long without = median(namespace, pods, "retarget: {preflight: {mode: None}}");
            long with = median(namespace, pods, ALL);
            System.out.printf("it.retargets: median %d ms, with All %d ms%n", without, with);
            assertThat(with - without).isLessThanOrEqualTo(400);
        }
    }

    private long median(GatewayNamespace namespace, List<SidecarPod> pods, String retarget) {
        List<Long> millis = new ArrayList<>();
        for (int i = 0; i <= Integer.getInteger("it.retargets"); i++) {
            NamedServer next = i % 2 == 0 ? targets.b : targets.a;
            // The mode changes before the first edit that counts; and the status may be written at once again.
            namespace.apply(redis((i % 2 == 0 ? targets.a : targets.b).address(), retarget));
            namespace.await("redis", "Converged", "Acknowledged");
            await().pollDelay(BETWEEN_EDITS).until(() -> answers(pods), all -> all.size() == pods.size());
            long begun = System.nanoTime();
            namespace.apply(redis(next.address(), retarget));
            await().pollInterval(Duration.ofMillis(2))
                    .pollDelay(Duration.ZERO)
                    .until(() -> answers(pods), all -> Set.copyOf(all).equals(Set.of(nameOf(next))));
            millis.add((System.nanoTime() - begun) / 1_000_000);
        }
        return millis.stream().sorted().toList().get(millis.size() / 2);
    }

    private String nameOf(NamedServer server) {
        return server == targets.a ? "a" : "b";
    }

    private static List<String> answers(List<SidecarPod> pods) throws IOException {
        List<String> answers = new ArrayList<>();
        for (SidecarPod pod : pods) {
            answers.add(NamedServer.answering(pod.address()));
        }
        return answers;
    }

    private static String redis(String target, String retarget) {
        return manifest(
                "redis",
                "links: [" + link(6379, target) + "]",
                retarget,
                "placement: {sidecar: {selector: {matchLabels: {app: web}}}}");
    }
}
