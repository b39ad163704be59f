package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sidecars in real pods while parts of the cluster fail, and what an edit does to connections that are open. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class SidecarFaultsE2E {
    private static final String SIDECAR = "placement: {sidecar: {selector: {matchLabels: {app: web}}}}";

    private final BareNode node = new BareNode();

    private Shop shop;
    private ConsumerDeployment web;

    @BeforeEach
    void shop() throws Exception {
        shop = new Shop();
        web = new ConsumerDeployment(shop, "web");
        shop.apply("redis-a", SIDECAR);
        web.apply(1, "", "ambassador.link/inject: required");
        web.awaitRollout();
        shop.awaitCondition("Ready");
        shop.awaitCondition("Converged");
    }

    @AfterEach
    void noShop() {
        shop.close();
    }

    @Test
    void openConnectionsAreKeptDrainedOrClosedAsTheResourceSays() throws Exception {
        try (Insider kept = new Insider(node, web.pod())) {
            assertThat(kept.ask()).isEqualTo("redis-a");
            shop.apply("redis-b", SIDECAR, "retarget: {existingConnections: Keep}");
            shop.awaitCondition("Converged");
            assertThat(kept.ask()).as("kept").isEqualTo("redis-a");
        }
        try (Insider closed = new Insider(node, web.pod())) {
            assertThat(closed.ask()).isEqualTo("redis-b");
            shop.apply("redis-a", SIDECAR, "retarget: {existingConnections: Close}");
            shop.awaitCondition("Converged");
            assertThat(closed.ask()).as("closed").isEqualTo("ENDED");
        }
        try (Insider drained = new Insider(node, web.pod())) {
            assertThat(drained.ask()).isEqualTo("redis-a");
            shop.apply("redis-b", SIDECAR, "retarget: {existingConnections: Drain}");
            shop.awaitCondition("Converged");
            assertThat(drained.listen()).as("drained").isEqualTo("ENDED");
        }
        try (Insider now = new Insider(node, web.pod())) {
            assertThat(now.ask()).isEqualTo("redis-b");
        }
    }

    @Test
    void trafficMovesWithTheOperatorAndFlowsWithoutIt() throws Exception {
        shop.kubectl("delete", "deployment", "ambassador-operator", "-n", "ambassador-system");
        try {
            shop.kubectl(
                    "wait",
                    "--for=delete",
                    "pod",
                    "-l",
                    "app.kubernetes.io/name=ambassador-operator",
                    "-n",
                    "ambassador-system",
                    "--timeout=30s");
            try (InsideConsumer consumer = new InsideConsumer(node, web.pod())) {
                await().until(consumer::last, "redis-a"::equals);
                shop.apply("redis-b", SIDECAR);

                Pod pod = web.pod();
                int restarts = relay(pod).getRestartCount();
                node.signal("KILL", node.java(pod));
                long killed = System.nanoTime();
                await().atMost(Shop.TO_START)
                        .until(
                                () -> relay(web.pod()),
                                now -> now.getRestartCount() > restarts && Boolean.TRUE.equals(now.getStarted()));
                System.out.printf(
                        "e2e.sidecar.killed: started again after %d ms%n", (System.nanoTime() - killed) / 1_000_000);
            }
            try (InsideConsumer consumer = new InsideConsumer(node, web.pod())) {
                await("its last table").atMost(Shop.TO_CONVERGE).until(consumer::last, "redis-a"::equals);
                assertThat(consumer.failures()).isEmpty();
            }

            web.apply(1, "", "without: an-operator");
            web.awaitRollout();
            assertThat(web.pod().getSpec().getInitContainers())
                    .as("without an operator pods start without a relay")
                    .isEmpty();
        } finally {
            shop.install();
        }
        await().atMost(Shop.TO_START).until(() -> shop.condition("Ready").equals("False RestartNeeded"));
        shop.kubectl("rollout", "restart", "deployment/web");
        web.awaitRollout();
        shop.awaitCondition("Ready");
        try (InsideConsumer consumer = new InsideConsumer(node, web.pod())) {
            await().atMost(Shop.TO_CONVERGE).until(consumer::last, "redis-b"::equals);
        }
    }

    @Test
    void trafficFlowsWhileTheApiServerIsAway() throws Exception {
        try (InsideConsumer consumer = new InsideConsumer(node, web.pod())) {
            node.withoutApiServer();
            await().atMost(Shop.TO_START).ignoreExceptions().untilAsserted(() -> shop.apply("redis-b", SIDECAR));
            await().atMost(Shop.TO_START).until(consumer::last, "redis-b"::equals);
            assertThat(consumer.failures())
                    .as("of %d connects", consumer.connects())
                    .isEmpty();
            System.out.printf(
                    "e2e.outage: %d s without an API server; 0 of %d connects through a sidecar failed%n",
                    BareNode.OUTAGE.toSeconds(), consumer.connects());
        }
    }

    private static ContainerStatus relay(Pod pod) {
        return pod.getStatus().getInitContainerStatuses().get(0);
    }
}
