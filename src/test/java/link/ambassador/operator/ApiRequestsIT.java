package link.ambassador.operator;

import static link.ambassador.operator.GatewayNamespace.redis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What an operator asks of an API server, and how often. */
@ExtendWith(GatewayTestExtension.class)
@SuppressWarnings("try") // The operator that runs while a block does.
class ApiRequestsIT {
    /** But Ambassadors: the Operator SDK reads them as this version knows them, and sidecars are made of what is stored. */
    @Test
    void eachKindIsWatchedOnce(KubernetesClient kubernetes) throws IOException {
        try (FaultyApiServer api = FaultyApiServer.before(kubernetes.getConfiguration());
                InProcessOperator operator = InProcessOperator.start(api.config(), Map.of())) {
            await().atMost(GatewayNamespace.SOON).untilAsserted(() -> assertThat(api.watches())
                    .containsExactlyInAnyOrder(
                            "ambassadors",
                            "ambassadors",
                            "configmaps",
                            "controllerrevisions",
                            "deployments",
                            "limitranges",
                            "poddisruptionbudgets",
                            "pods",
                            "replicasets",
                            "resourcequotas",
                            "services"));
        }
    }

    @Test
    void aQuantityThatTheServerWritesOtherwiseIsAppliedOnce(KubernetesClient kubernetes, GatewayNamespace namespace)
            throws IOException {
        String resources = "  placement: {gateway: {resources: {requests: {cpu: 100u, memory: 0.1Gi},"
                + " limits: {cpu: 1.50, memory: 1024Mi}}}}\n";
        try (FaultyApiServer api = FaultyApiServer.before(kubernetes.getConfiguration());
                InProcessOperator operator = InProcessOperator.start(api.config(), Map.of())) {
            namespace.applied(redis("redis", "redis-a") + resources);
            int applied =
                    api.seen(HttpMethod.PATCH, "/deployments/redis-ambassador").size();
            assertThat(applied).isPositive();

            namespace.applied(redis("redis", "redis-b") + resources);
            assertThat(api.seen(HttpMethod.PATCH, "/deployments/redis-ambassador"))
                    .hasSize(applied);
        }
    }
}
