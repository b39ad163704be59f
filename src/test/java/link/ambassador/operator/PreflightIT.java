package link.ambassador.operator;

import static link.ambassador.operator.GatewayNamespace.link;
import static link.ambassador.operator.GatewayNamespace.manifest;
import static link.ambassador.operator.GatewayNamespace.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import link.ambassador.ConcurrentTest;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.operator.FakeKubelet.GatewayPod;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** Retargets of gateways with a preflight, with real relays. */
@ExtendWith(GatewayTestExtension.class)
@SuppressWarnings("try") // What runs while a block does.
class PreflightIT {
    private static final String EACH = "retarget: {preflight: {mode: Each}}";
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
    void eachRelayKeepsItsTargetUntilTheNewOneAnswers(
            KubernetesClient kubernetes, GatewayNamespace namespace, FakeKubelet kubelet) throws Exception {
        try (InProcessOperator operator = InProcessOperator.start(kubernetes, namespace)) {
            namespace.applied(redis(targets.a.address(), EACH));
            GatewayPod pod = kubelet.run("redis");
            namespace.await("redis", "Converged", "Acknowledged");

            namespace.apply(redis(targets.nobody, EACH));
            AmbassadorStatus kept = namespace.await("redis", "Converged", "PreflightFailed");
            assertThat(message(kept, "Converged"))
                    .contains(
                            "0 of 1 relays",
                            pod.name() + " keeps the former targets of port 6379: " + targets.nobody,
                            "refused");
            assertThat(kept.laggards()).singleElement().satisfies(laggard -> assertThat(laggard.reason())
                    .contains(targets.nobody));
            assertThat(namespace.events("redis")).endsWith("RetargetStarted", "PreflightFailed");
            assertThat(NamedServer.answering(pod.address())).isEqualTo("a");

            namespace.apply(redis(targets.b.address(), EACH));
            namespace.await("redis", "Converged", "Acknowledged");
            assertThat(NamedServer.answering(pod.address())).isEqualTo("b");
        }
    }

    @ConcurrentTest
    void allKeepTheirTargetUntilEveryRelayReachesTheNewOne(
            KubernetesClient kubernetes, GatewayNamespace namespace, FakeKubelet kubelet) throws Exception {
        GatewayPod first;
        GatewayPod second;
        try (InProcessOperator operator = InProcessOperator.start(kubernetes, namespace)) {
            namespace.applied(redis(targets.a.address(), ALL));
            first = kubelet.run("redis");
            second = kubelet.run("redis");
            namespace.awaitStatus("redis", status -> status.relays().converged() == 2);
            String before = namespace.table("redis");

            namespace.apply(redis(targets.nobody, ALL));
            AmbassadorStatus kept = namespace.await("redis", "Converged", "PreflightFailed");
            assertThat(message(kept, "Converged")).startsWith("0 of 2 relays reach the new targets; redis-ambassador");
            assertThat(kept.lastRetarget()).as("nothing moved").isNull();
            assertThat(namespace.events("redis")).endsWith("PreflightFailed").doesNotContain("RetargetStarted");
            assertThat(NamedServer.answering(first.address()) + NamedServer.answering(second.address()))
                    .isEqualTo("aa");

            GatewayPod born = kubelet.run("redis");
            namespace.awaitStatus(
                    "redis", status -> message(status, "Converged").startsWith("0 of 3 relays reach the new targets"));
            assertThat(NamedServer.answering(born.address())).isEqualTo("a");
            born.delete();

            namespace.apply(redis(targets.a.address(), ALL));
            namespace.await("redis", "Converged", "Acknowledged");
            assertThat(namespace.table("redis").replaceAll("\"generation\":\\d+", ""))
                    .isEqualTo(before.replaceAll("\"generation\":\\d+", ""));
            namespace.apply(redis(targets.nobody, ALL));
            namespace.await("redis", "Converged", "PreflightFailed");
        }
        try (InProcessOperator next = InProcessOperator.start(kubernetes, namespace)) {
            namespace.apply(redis(targets.b.address(), ALL));
            AmbassadorStatus moved = namespace.awaitStatus(
                    "redis",
                    status -> status.lastRetarget() != null
                            && status.lastRetarget().convergedAt() != null);
            assertThat(moved.lastRetarget().from()).isEqualTo("6379 -> " + targets.a.address());
            assertThat(moved.lastRetarget().to()).isEqualTo("6379 -> " + targets.b.address());
            assertThat(NamedServer.answering(first.address()) + NamedServer.answering(second.address()))
                    .isEqualTo("bb");
            assertThat(namespace.table("redis")).doesNotContain("preflight");
        }
    }

    @ConcurrentTest
    void aTargetThatAnswersLaterIsServedWithoutAnotherEdit(
            KubernetesClient kubernetes, GatewayNamespace namespace, FakeKubelet kubelet) throws Exception {
        try (InProcessOperator operator = InProcessOperator.start(kubernetes, namespace)) {
            namespace.applied(redis(targets.a.address(), ALL));
            GatewayPod pod = kubelet.run("redis");
            namespace.await("redis", "Converged", "Acknowledged");
            targets.b.close();
            namespace.apply(redis(targets.b.address(), ALL));
            namespace.await("redis", "Converged", "PreflightFailed");

            targets.listenOnB();
            namespace.await("redis", "Converged", "Acknowledged");
            assertThat(NamedServer.answering(pod.address())).isEqualTo("b");
        }
    }

    @ConcurrentTest
    void asManyRelaysAsTheSpecSaysAreEnough(
            KubernetesClient kubernetes, GatewayNamespace namespace, FakeKubelet kubelet) throws Exception {
        try (InProcessOperator operator = InProcessOperator.start(kubernetes, namespace)) {
            String half = "retarget: {preflight: {mode: All, minReachable: 50%}}";
            namespace.applied(redis(targets.a.address(), half));
            GatewayPod pod = kubelet.run("redis");
            kubelet.runSilent("redis");
            namespace.awaitStatus("redis", status -> status.relays().converged() == 1);

            namespace.apply(redis(targets.b.address(), half));
            namespace.awaitStatus("redis", status -> status.lastRetarget() != null);
            namespace.awaitStatus("redis", status -> status.relays().converged() == 1);
            assertThat(NamedServer.answering(pod.address())).isEqualTo("b");
        }
    }

    private static String redis(String target, String retarget) {
        return manifest("redis", "links: [" + link(6379, target) + "]", retarget);
    }
}
