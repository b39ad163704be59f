package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import link.ambassador.kubernetes.Cable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/** A gateway on two nodes of which one is lost: {@code -De2e.nodes=2}. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@Isolated("loses a node")
class GatewayNodesE2E {
    private static final String TWO = "placement: {gateway: {replicas: 2}}";

    /** Until the node is taken for lost, which is 10 s here, and every connect goes to the other. */
    private static final Duration TO_BE_LEFT_OUT = Duration.ofSeconds(60);

    private static final int IN_A_ROW = 50;

    private final KubernetesClient kubernetes = new KubernetesClientBuilder().build();
    private ClusterNamespace shop;

    @BeforeEach
    void shopOnTheNodeThatStays() throws Exception {
        shop = SecondNode.shopOnTheFirst(kubernetes);
    }

    @AfterEach
    void noShop() {
        if (shop != null) {
            shop.close();
        }
        kubernetes.close();
    }

    @Test
    void aNodeThatIsLostTakesItsRelayAndNoOther() throws Exception {
        shop.apply("redis-a", TWO);
        SecondNode.awaitRelayOnEach(shop);

        Cable.cut();
        try {
            await().atMost(TO_BE_LEFT_OUT).until(() -> answersInARow("redis-a"));
            shop.apply("redis-b", TWO);
            await().atMost(ClusterNamespace.TO_START).until(() -> answersInARow("redis-b"));
            assertThat(shop.condition("Converged"))
                    .as("nobody knows what the lost one serves")
                    .doesNotStartWith("True");
        } finally {
            Cable.plug();
        }

        await().atMost(TO_BE_LEFT_OUT)
                .until(() -> shop.condition("Converged"), condition -> condition.startsWith("True"));
        for (Pod relay : shop.relays()) {
            InetSocketAddress address = new InetSocketAddress(relay.getStatus().getPodIP(), 6379);
            await(relay.getSpec().getNodeName())
                    .ignoreExceptionsInstanceOf(IOException.class)
                    .until(() -> ClusterNamespace.whoAnswers(address), "redis-b"::equals);
        }
    }

    private boolean answersInARow(String expected) {
        try {
            for (int i = 0; i < IN_A_ROW; i++) {
                if (!ClusterNamespace.whoAnswers(shop.service()).equals(expected)) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
