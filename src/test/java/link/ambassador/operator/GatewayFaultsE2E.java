package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Gateways in real pods while parts of the cluster fail. */
class GatewayFaultsE2E {
    private static final Duration TAKEOVER = Duration.ofSeconds(20);

    private final BareNode node = new BareNode();
    private Shop shop;

    @BeforeEach
    void shop() throws Exception {
        shop = new Shop();
        shop.apply("redis-a");
        shop.awaitCondition("Ready");
        shop.awaitCondition("Converged");
    }

    @AfterEach
    void noShop() {
        shop.close();
    }

    @Test
    void aRetargetWhoseOperatorsAreKilledIsFinishedByTheNext() throws Exception {
        List<Pod> operators = shop.operators();
        long[] processes = new long[operators.size()];
        for (int i = 0; i < processes.length; i++) {
            processes[i] = node.java(operators.get(i));
        }
        List<String> relays = shop.identities();

        shop.apply("redis-b");
        node.signal("KILL", processes);
        assertThat(shop.status().observedGeneration())
                .as("killed in the middle")
                .isEqualTo(1);
        shop.kubectl(
                "delete", "pods", "--all", "--force", "--grace-period=0", "--wait=false", "-n", "ambassador-system");

        shop.awaitCondition("Converged");
        assertThat(Shop.whoAnswers(shop.service())).isEqualTo("redis-b");
        assertThat(shop.identities()).isEqualTo(relays);
    }

    @Test
    void theOtherOperatorTakesOverFromOneThatIsKilled() throws Exception {
        String leader = shop.leader();
        Pod pod = shop.operators().stream()
                .filter(operator -> leader.startsWith(operator.getMetadata().getName() + "_"))
                .findFirst()
                .orElseThrow();

        node.signal("KILL", node.java(pod));
        long killed = System.nanoTime();
        shop.apply("redis-b");

        await().atMost(TAKEOVER).until(() -> Shop.whoAnswers(shop.service()), "redis-b"::equals);
        System.out.printf(
                "e2e.takeover: %d ms from the kill to the first answer of the new target%n",
                (System.nanoTime() - killed) / 1_000_000);
        assertThat(shop.leader()).isNotEqualTo(leader);
        shop.awaitCondition("Converged");
    }

    @Test
    void trafficFlowsWhileTheApiServerIsAway() throws Exception {
        try (Consumers consumer = new Consumers(shop.service())) {
            node.withoutApiServer();
            await().atMost(Shop.TO_START).ignoreExceptions().untilAsserted(() -> shop.apply("redis-b"));
            await().atMost(Shop.TO_START).until(consumer::last, "redis-b"::equals);
            shop.awaitCondition("Converged");
            assertThat(consumer.failures())
                    .as("of %d connects", consumer.connects())
                    .isEmpty();
            System.out.printf(
                    "e2e.outage: %d s without an API server; 0 of %d connects to a gateway failed%n",
                    BareNode.OUTAGE.toSeconds(), consumer.connects());
        }
    }

    @Test
    void relaysThatCannotBeAskedAreMovedAllTheSame() throws Exception {
        for (Pod operator : shop.operators()) {
            node.iptables(
                    shop.relays().get(0),
                    "-I INPUT -p tcp --dport 15990 -j DROP -s "
                            .concat(operator.getStatus().getPodIP())
                            .split(" "));
        }

        shop.apply("redis-b");
        await().atMost(Shop.TO_CONVERGE).until(() -> Shop.whoAnswers(shop.service()), "redis-b"::equals);
        await().pollInterval(1, TimeUnit.SECONDS).atMost(Duration.ofSeconds(45)).until(() -> shop.condition("Converged")
                .equals("Unknown Unacknowledged"));
        assertThat(shop.message("Converged"))
                .contains(shop.relays().get(0).getMetadata().getName())
                .contains("port 15990")
                .contains("NetworkPolicy");
        await().atMost(Duration.ofSeconds(10)).until(() -> shop.story().contains("Stalled"));
        assertThat(shop.condition("Ready")).as("the kubelet's probes pass").isEqualTo("True RelaysReady");
    }
}
