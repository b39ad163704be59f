package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Gateways in real pods whose operators are killed. */
@Isolated("kills the operators")
class GatewayFaultsE2E {
    private static final Duration TAKEOVER = Duration.ofSeconds(20);

    private final BareNode node = new BareNode();
    private ClusterNamespace shop;

    @BeforeEach
    void shop() throws Exception {
        shop = new ClusterNamespace();
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
        assertThat(ClusterNamespace.whoAnswers(shop.service())).isEqualTo("redis-b");
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

        await().atMost(TAKEOVER).until(() -> ClusterNamespace.whoAnswers(shop.service()), "redis-b"::equals);
        System.out.printf(
                "e2e.takeover: %d ms from the kill to the first answer of the new target%n",
                (System.nanoTime() - killed) / 1_000_000);
        assertThat(shop.leader()).isNotEqualTo(leader);
        shop.awaitCondition("Converged");
    }
}
