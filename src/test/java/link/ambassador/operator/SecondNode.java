package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;

/** The second node of a cluster that was made with {@code -De2e.nodes=2}. */
final class SecondNode {
    static final String NAME = "amb-2";

    private SecondNode() {}

    /** A namespace whose Redis pods all run on the first node. Skips the test on a cluster with one node. */
    static ClusterNamespace shopOnTheFirst(KubernetesClient kubernetes) throws Exception {
        Resource<Node> node = kubernetes.nodes().withName(NAME);
        assumeTrue(node.get() != null, "needs a cluster made with -De2e.nodes=2");
        schedulable(node, false);
        try {
            return new ClusterNamespace();
        } finally {
            schedulable(node, true);
        }
    }

    /** Waits until a gateway of two replicas is served, by one relay on each node. */
    static void awaitRelayOnEach(ClusterNamespace shop) throws Exception {
        shop.awaitCondition("Ready");
        shop.kubectl("rollout", "status", "deployment/cache-ambassador", "--timeout=90s");
        shop.awaitCondition("Converged");
        assertThat(shop.relays())
                .extracting(relay -> relay.getSpec().getNodeName())
                .containsExactlyInAnyOrder("amb-1", NAME);
    }

    private static void schedulable(Resource<Node> node, boolean schedulable) {
        // Without a resourceVersion, because its kubelet and the controllers write it too.
        node.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"unschedulable\": " + !schedulable + "}}");
    }
}
