package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** A retarget to a target that only one of two nodes reaches, as docs/preflight.md says: {@code -De2e.nodes=2}. */
@Isolated("makes a node unschedulable")
class PreflightNodesE2E {
    private final KubernetesClient kubernetes = new KubernetesClientBuilder().build();
    private ClusterNamespace shop;

    @BeforeEach
    void shop() throws Exception {
        shop = SecondNode.shopOnTheFirst(kubernetes);
        // kube-proxy sends it to pods of the consumer's own node alone, and redis-b runs on the first.
        kubernetes
                .resource(Serialization.unmarshal(
                        """
                        apiVersion: v1
                        kind: Service
                        metadata: {name: redis-near}
                        spec: {internalTrafficPolicy: Local, selector: {app: redis-b}, ports: [{port: 6379}]}
                        """,
                        Service.class))
                .inNamespace(shop.namespace)
                .create();
    }

    @AfterEach
    void noShop() {
        if (shop != null) {
            shop.close();
        }
        kubernetes.close();
    }

    @Test
    void eachRelayThatReachesTheTargetMoves() throws Exception {
        retarget("Each");
        await().atMost(ClusterNamespace.TO_CONVERGE).untilAsserted(() -> assertThat(shop.message("Converged"))
                .contains("keeps the former targets of port 6379", "redis-near:6379"));
        assertAnswers("redis-b", "redis-a");
    }

    @Test
    void noRelayMovesWhenAllAreToReachTheTarget() throws Exception {
        retarget("All");
        await().atMost(ClusterNamespace.TO_CONVERGE).untilAsserted(() -> assertThat(shop.message("Converged"))
                .contains("1 of 2 relays reach the new targets", "redis-near:6379"));
        assertAnswers("redis-a", "redis-a");
    }

    private void retarget(String mode) throws Exception {
        String rest = "placement: {gateway: {replicas: 2}}";
        String preflight = "retarget: {preflight: {mode: " + mode + "}}";
        shop.apply("redis-a", rest, preflight);
        SecondNode.awaitRelayOnEach(shop);
        shop.apply("redis-near", rest, preflight);
        await().atMost(ClusterNamespace.TO_CONVERGE)
                .until(() -> shop.condition("Converged"), "False PreflightFailed"::equals);
    }

    private void assertAnswers(String onTheFirst, String onTheSecond) throws IOException {
        for (Pod relay : shop.relays()) {
            String node = relay.getSpec().getNodeName();
            assertThat(ClusterNamespace.whoAnswers(
                            new InetSocketAddress(relay.getStatus().getPodIP(), 6379)))
                    .as(node)
                    .isEqualTo(node.equals(SecondNode.NAME) ? onTheSecond : onTheFirst);
        }
    }
}
