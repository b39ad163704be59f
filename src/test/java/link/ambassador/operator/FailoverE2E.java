package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.List;
import link.ambassador.api.v1alpha1.TargetStatus;
import link.ambassador.operator.ConsumerDeployment.Following;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Consumers follow the role of two Redis, without an edit. */
class FailoverE2E {
    private static final String PAIR =
            """
            apiVersion: ambassador.link/v1alpha1
            kind: Ambassador
            metadata: {name: %s}
            spec:
              links:
              - alias: cache
                listen: 6379
                targets: [{host: redis-a, port: 6379}, {host: redis-b, port: 6379}]
                healthCheck:
                  type: Exchange
                  exchange: {steps: [{send: "INFO replication\\r\\n", expect: "role:master"}]}
                  probe: Always
                  interval: 500ms
                  unhealthyThreshold: 1
                whenUnavailable: {action: Hold, timeout: 30s}
              placement: %s
            """;

    private ClusterNamespace shop;

    @BeforeEach
    void shop() throws Exception {
        shop = new ClusterNamespace();
    }

    @AfterEach
    void noShop() {
        shop.close();
    }

    @Test
    void consumersOfAGatewayAndOfASidecarFollowThePrimary() throws Exception {
        replica("redis-b");
        shop.kubectl
                .run(PAIR.formatted("cache", "{gateway: {replicas: 2}}"), "apply", "-f", "-")
                .succeeded();
        shop.kubectl
                .run(
                        PAIR.formatted("cache-of-web", "{sidecar: {selector: {matchLabels: {app: web}}}}"),
                        "apply",
                        "-f",
                        "-")
                .succeeded();
        ConsumerDeployment web = new ConsumerDeployment(shop, "web");
        web.apply(1, "", "ambassador.link/inject: required");
        web.awaitRollout();
        shop.awaitCondition("Ready");
        shop.awaitCondition("Converged");
        List<String> relays = shop.identities();
        List<String> consumers = web.identities();

        try (ServiceLoad ofGateway = new ServiceLoad(shop.service());
                Following ofSidecar = web.follow(web.pod())) {
            awaitAnswers("redis-a", ofGateway, ofSidecar);

            replica("redis-a");
            primary("redis-b");
            awaitAnswers("redis-b", ofGateway, ofSidecar);
            await().atMost(ClusterNamespace.TO_CONVERGE)
                    .until(() -> shop.condition("TargetReachable"), "True FailedOver"::equals);
            await().atMost(ClusterNamespace.TO_CONVERGE)
                    .until(() -> shop.events().contains("FailedOver"));

            replica("redis-b");
            primary("redis-a");
            awaitAnswers("redis-a", ofGateway, ofSidecar);
            await().atMost(ClusterNamespace.TO_CONVERGE)
                    .until(() -> shop.condition("TargetReachable"), "True Connected"::equals);
            assertThat(shop.status().targets())
                    .extracting(TargetStatus::target)
                    .containsExactly("redis-a:6379", "redis-b:6379");
            assertThat(ofGateway.failures())
                    .as("of %d connects", ofGateway.connects())
                    .isEmpty();
            assertThat(ofSidecar.failures())
                    .as("of %d answers", ofSidecar.answers())
                    .isEmpty();
        }
        assertThat(shop.identities()).isEqualTo(relays);
        assertThat(web.identities()).isEqualTo(consumers);
    }

    private static void awaitAnswers(String redis, ServiceLoad ofGateway, Following ofSidecar) {
        await().atMost(ClusterNamespace.TO_CONVERGE).until(ofGateway::last, redis::equals);
        await().atMost(ClusterNamespace.TO_CONVERGE).until(ofSidecar::last, redis::equals);
    }

    /** Of nothing that answers, so that it keeps its own data, which says who it is. */
    private void replica(String redis) throws IOException, InterruptedException {
        shop.kubectl("exec", redis, "--", "redis-cli", "replicaof", "127.0.0.1", "1");
    }

    private void primary(String redis) throws IOException, InterruptedException {
        shop.kubectl("exec", redis, "--", "redis-cli", "replicaof", "no", "one");
    }
}
