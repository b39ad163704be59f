package link.ambassador.operator;

import static link.ambassador.operator.GatewayNamespace.SOON;
import static link.ambassador.operator.GatewayNamespace.link;
import static link.ambassador.operator.GatewayNamespace.manifest;
import static link.ambassador.operator.GatewayNamespace.message;
import static link.ambassador.operator.GatewayNamespace.reason;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import link.ambassador.ConcurrentTest;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.api.v1alpha1.LastHold;
import link.ambassador.config.Annotations;
import link.ambassador.kubernetes.Kubectl;
import link.ambassador.operator.FakeKubelet.GatewayPod;
import link.ambassador.operator.FakeSidecars.SidecarPod;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A hold from the edit that asks for it to its end, with real relays. */
@ExtendWith(GatewayTestExtension.class)
@SuppressWarnings("try") // What runs while a block does.
class HoldIT {
    private static final String LINKS = "links: [" + link(6379, "redis-a") + "]";
    private static final String HOLD = "hold: {timeout: 10m}";
    private static final String RETARGET_AND_RELEASE =
            """
            [{"op": "replace", "path": "/spec/links/0/targets/0/host", "value": "redis-b"}, {"op": "remove", "path": "/spec/hold"}]""";
    private static final String SIDECAR = "placement: {sidecar: {selector: {matchLabels: {app: web}}}}";

    @ConcurrentTest
    void connectionsWaitFromTheEditThatAddsTheHoldToTheOneThatRemovesIt(
            KubernetesClient kubernetes, GatewayNamespace namespace, FakeKubelet kubelet, @TempDir Path directory)
            throws Exception {
        Kubectl kubectl = new Kubectl(kubernetes, namespace.name(), directory);
        List<Socket> consumers = new ArrayList<>();
        try (InProcessOperator operator = operator(kubernetes, namespace, new Interceptor() {})) {
            namespace.applied(manifest("redis", LINKS));
            List<GatewayPod> pods = List.of(kubelet.run("redis"), kubelet.run("redis"));
            namespace.awaitStatus("redis", status -> status.relays().converged() == 2);
            assertThat(reason(namespace.status("redis"), "Held")).isEqualTo("NotHeld");

            kubectl.run(
                            "",
                            "patch",
                            "amb",
                            "redis",
                            "--type=merge",
                            "-p",
                            "{\"spec\":{\"hold\":{\"timeout\":\"10m\"}}}")
                    .succeeded();
            kubectl.run("", "wait", "--for=condition=Held", "--timeout=60s", "amb/redis")
                    .succeeded();
            AmbassadorStatus held = namespace.status("redis");
            assertThat(namespace.table("redis")).contains(held.hold().startedAt());
            assertThat(reason(held, "Converged")).isEqualTo("Acknowledged");
            assertThat(held.lastRetarget()).as("a hold changes no target").isNull();

            for (GatewayPod pod : pods) {
                consumers.add(new Socket(pod.address(), 6379));
                consumers.add(new Socket(pod.address(), 6379));
            }
            namespace.awaitStatus("redis", status -> status.hold().connectionsHeld() == 4);
            assertThat(message(namespace.await("redis", "Held", "Holding"), "Held"))
                    .isEqualTo("2 relays hold, 0 connections left, 4 wait.");
            assertThat(kubectl.run("", "get", "amb", "redis", "-o", "wide").output())
                    .contains("Holding");

            kubectl.run("", "patch", "amb", "redis", "--type=json", "-p", RETARGET_AND_RELEASE)
                    .succeeded();
            AmbassadorStatus after = namespace.awaitStatus("redis", status -> status.lastHold() != null);
            assertThat(after.hold()).isNull();
            assertThat(after.lastHold().outcome()).isEqualTo(LastHold.RELEASED);
            assertThat(after.lastHold().connections()).isEqualTo(4);
            assertThat(reason(after, "Held")).isEqualTo("NotHeld");
            assertThat(after.lastRetarget().from()).isEqualTo("6379 -> redis-a:6379");
            assertThat(namespace.events("redis")).containsOnlyOnce("HoldStarted", "HoldReleased");
            assertThat(namespace.eventMessages("redis", "HoldReleased"))
                    .singleElement()
                    .asString()
                    .startsWith("4 connections waited, the longest for ");
        } finally {
            close(consumers);
        }
    }

    @ConcurrentTest
    void atItsTimeoutAHoldHasExpiredUntilItIsRemoved(
            KubernetesClient kubernetes, GatewayNamespace namespace, FakeKubelet kubelet) throws IOException {
        try (InProcessOperator operator = operator(kubernetes, namespace, new Interceptor() {})) {
            namespace.applied(manifest("redis", LINKS));
            kubelet.run("redis");
            namespace.await("redis", "Converged", "Acknowledged");

            namespace.apply(manifest("redis", LINKS, "hold: {timeout: 2s}"));
            AmbassadorStatus expired = namespace.await("redis", "Held", "Expired");
            assertThat(expired.lastHold().outcome()).isEqualTo(LastHold.EXPIRED);
            assertThat(Instant.parse(expired.hold().until()))
                    .isEqualTo(Instant.parse(expired.hold().startedAt()).plusSeconds(2));
            assertThat(namespace.events("redis")).containsOnlyOnce("HoldStarted", "HoldExpired");

            namespace.apply(manifest("redis", LINKS));
            namespace.awaitStatus("redis", status -> status.hold() == null);
            namespace.apply(manifest("redis", LINKS, HOLD));
            assertThat(namespace.await("redis", "Held", "Holding").hold().startedAt())
                    .isNotEqualTo(expired.hold().startedAt());
            assertThat(namespace.events("redis")).doesNotContain("HoldReleased");
        }
    }

    @ConcurrentTest
    void theNextOperatorGoesOnWithTheHoldOfTheOneBefore(
            KubernetesClient kubernetes, GatewayNamespace namespace, FakeKubelet kubelet) throws IOException {
        String table;
        AmbassadorStatus held;
        try (InProcessOperator operator = operator(kubernetes, namespace, new Interceptor() {})) {
            namespace.applied(manifest("redis", LINKS));
            kubelet.run("redis");
            namespace.await("redis", "Converged", "Acknowledged");
            namespace.apply(manifest("redis", LINKS, HOLD));
            held = namespace.await("redis", "Held", "Holding");
            table = namespace.table("redis");
        }
        try (InProcessOperator next = operator(kubernetes, namespace, new Interceptor() {})) {
            await("it polls the relay that holds").atMost(SOON).until(() -> next.answers() > 2);
            assertThat(namespace.status("redis")).isEqualTo(held);
            assertThat(namespace.table("redis")).isEqualTo(table);
            assertThat(namespace.events("redis")).containsOnlyOnce("HoldStarted");
        }
    }

    @ConcurrentTest
    void anOperatorThatEndsBeforeItWritesTheTableLeavesTheStartToTheNext(
            KubernetesClient kubernetes, GatewayNamespace namespace, FakeKubelet kubelet) throws IOException {
        RejectedTables tables = new RejectedTables();
        String startedAt;
        try (InProcessOperator operator = operator(kubernetes, namespace, tables)) {
            namespace.applied(manifest("redis", LINKS));
            kubelet.run("redis");
            namespace.await("redis", "Converged", "Acknowledged");

            tables.reject.set(true);
            namespace.apply(manifest("redis", LINKS, HOLD));
            startedAt = namespace
                    .awaitStatus("redis", status -> status.hold() != null)
                    .hold()
                    .startedAt();
            assertThat(reason(namespace.status("redis"), "Converged"))
                    .as("no table has the hold")
                    .isEqualTo("Propagating");
        }
        assertThat(namespace.table("redis")).doesNotContain("startedAt");

        try (InProcessOperator next = operator(kubernetes, namespace, new Interceptor() {})) {
            assertThat(namespace.await("redis", "Held", "Holding").hold().startedAt())
                    .isEqualTo(startedAt);
            assertThat(namespace.table("redis")).contains(startedAt);
            assertThat(namespace.events("redis")).containsOnlyOnce("HoldStarted");
        }
    }

    @ConcurrentTest
    void sidecarsHoldAlsoThoseOfPodsThatComeDuringTheHold(
            KubernetesClient kubernetes, GatewayNamespace namespace, FakeSidecars sidecars) throws IOException {
        try (InProcessOperator operator = operator(kubernetes, namespace, new Interceptor() {})) {
            namespace.applied(manifest("redis", LINKS, SIDECAR));
            SidecarPod first = sidecars.run("web");
            namespace.await("redis", "Converged", "Acknowledged");

            namespace.apply(manifest("redis", LINKS, HOLD, SIDECAR));
            String startedAt =
                    namespace.await("redis", "Held", "Holding").hold().startedAt();
            SidecarPod second = sidecars.run("web");
            AmbassadorStatus both = namespace.awaitStatus(
                    "redis",
                    status -> status.hold().relays() == 2
                            && reason(status, "Held").equals("Holding"));

            assertThat(both.hold().startedAt()).isEqualTo(startedAt);
            assertThat(List.of(first, second)).allSatisfy(pod -> assertThat(pod.annotation(Annotations.LINKS))
                    .contains(startedAt));
            try (Socket consumer = new Socket(second.address(), 6379)) {
                namespace.awaitStatus("redis", status -> status.hold().connectionsHeld() == 1);

                namespace.delete("redis");
                await("the link goes with its Ambassador, and the connection with the link")
                        .atMost(SOON)
                        .until(() -> hasEnded(consumer));
                assertThat(second.annotation(Annotations.LINKS)).doesNotContain("startedAt");
            }
        }
    }

    /** Of this namespace alone, because the tests run beside each other. */
    private static InProcessOperator operator(
            KubernetesClient kubernetes, GatewayNamespace namespace, Interceptor interceptor) {
        return InProcessOperator.start(
                kubernetes.getConfiguration(), Map.of(OperatorSettings.NAMESPACES, namespace.name()), interceptor);
    }

    private static boolean hasEnded(Socket consumer) {
        try {
            consumer.setSoTimeout(50);
            return consumer.getInputStream().read() < 0;
        } catch (SocketTimeoutException stillWaiting) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    private static void close(List<Socket> consumers) throws IOException {
        for (Socket consumer : consumers) {
            consumer.close();
        }
    }

    /** An API server that takes no table any more. */
    private static final class RejectedTables implements Interceptor {
        private final AtomicBoolean reject = new AtomicBoolean();

        @Override
        public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
            if (reject.get()
                    && !request.method().equals("GET")
                    && request.uri().getPath().contains("/configmaps")) {
                builder.uri(URI.create(request.uri().toString().replace("/configmaps", "/tables-that-do-not-exist")));
            }
        }
    }
}
