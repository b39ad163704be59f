package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.fabric8.kubernetes.api.model.Container;
import java.util.List;
import java.util.concurrent.TimeUnit;
import link.ambassador.config.Annotations;
import link.ambassador.config.Feature;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Relays in consumers' pods under the operator of another version: after an upgrade of the operator, and after its way back.
 * The other version is a commit that {@code src/test/cluster/images/previous COMMIT} prepares.
 */
@Timeout(value = 6, unit = TimeUnit.MINUTES)
@Isolated("replaces the operators")
class PreviousVersionE2E {
    private static final String IMAGE = "localhost/amb-ambassador:test";
    private static final String SIDECAR = "placement: {sidecar: {selector: {matchLabels: {app: web}}}}";

    private ClusterNamespace shop;
    private ConsumerDeployment web;

    @BeforeEach
    void shop() throws Exception {
        PreviousVersion.assumePrepared();
        shop = new ClusterNamespace();
        web = new ConsumerDeployment(shop, "web");
    }

    @AfterEach
    void noShop() throws Exception {
        if (shop != null) {
            shop.install();
            shop.close();
        }
    }

    @Test
    void aRelayOfThePreviousVersionFollowsThisOperatorAndIsCounted() throws Exception {
        shop.install(PreviousVersion.INSTALL);
        awaitOperatorsOf(PreviousVersion.IMAGE);
        consumerOfRedisA();
        assertThat(relayImages()).containsExactly(PreviousVersion.IMAGE);
        List<String> identities = web.identities();

        shop.install();
        awaitOperatorsOf(IMAGE);
        retarget();

        assertThat(web.identities()).isEqualTo(identities);
        await().atMost(ClusterNamespace.TO_CONVERGE)
                .untilAsserted(
                        () -> assertThat(shop.status().relays().outdated()).isOne());
        shop.kubectl("rollout", "restart", "deployment/web");
        web.awaitRollout();
        assertThat(relayImages()).containsExactly(IMAGE);
        await().atMost(ClusterNamespace.TO_CONVERGE)
                .untilAsserted(
                        () -> assertThat(shop.status().relays().outdated()).isZero());
    }

    /** It would serve such a link without what it is there for. */
    @Test
    void aRelayOfThePreviousVersionKeepsALinkThatAsksForMoreThanItKnows() throws Exception {
        shop.install(PreviousVersion.INSTALL);
        awaitOperatorsOf(PreviousVersion.IMAGE);
        consumerOfRedisA();
        String features = web.pod().getMetadata().getAnnotations().getOrDefault(Annotations.RELAY_FEATURES, "");
        assumeFalse(Feature.in(features).contains(Feature.HEALTH), "needs an earlier version without health checks");
        shop.install();
        awaitOperatorsOf(IMAGE);

        try (ConsumerDeployment.Following consumer = web.follow(web.pod())) {
            shop.kubectl(
                    "patch",
                    "amb/cache",
                    "--type=json",
                    "--patch",
                    """
                    [{"op": "add", "path": "/spec/links/0/healthCheck", "value": {"type": "TCP"}},
                     {"op": "replace", "path": "/spec/links/0/targets/0/host", "value": "redis-b"}]
                    """);
            shop.kubectl(
                    "wait",
                    "--for=jsonpath={.status.conditions[?(@.type=='Converged')].reason}=RelayTooOld",
                    "amb/cache",
                    "--timeout=60s");
            assertThat(shop.kubectl(
                            "get",
                            "pod",
                            web.pod().getMetadata().getName(),
                            "--output=jsonpath={.metadata.annotations}"))
                    .contains("redis-a")
                    .doesNotContain("redis-b", "requires");
            assertThat(consumer.last()).isEqualTo("redis-a");
            assertThat(consumer.failures()).isEmpty();
        }

        shop.kubectl("rollout", "restart", "deployment/web");
        web.awaitRollout();
        shop.awaitCondition("Converged");
        try (ConsumerDeployment.Following consumer = web.follow(web.pod())) {
            await().atMost(ClusterNamespace.TO_START).until(consumer::last, "redis-b"::equals);
        }
    }

    @Test
    void aRelayOfThisVersionFollowsThePreviousOperator() throws Exception {
        consumerOfRedisA();
        assertThat(relayImages()).containsExactly(IMAGE);
        List<String> identities = web.identities();

        shop.install(PreviousVersion.INSTALL);
        awaitOperatorsOf(PreviousVersion.IMAGE);
        retarget();

        assertThat(web.identities()).isEqualTo(identities);
        await().atMost(ClusterNamespace.TO_CONVERGE)
                .untilAsserted(
                        () -> assertThat(shop.status().relays().outdated()).isOne());
    }

    /** A terminating webhook still answers the API server for a while. */
    private void awaitOperatorsOf(String image) {
        await().atMost(ClusterNamespace.TO_START).untilAsserted(() -> assertThat(shop.operators())
                .flatExtracting(pod -> pod.getSpec().getContainers())
                .extracting(Container::getImage)
                .containsOnly(image));
    }

    private void consumerOfRedisA() throws Exception {
        shop.apply("redis-a", SIDECAR);
        web.apply(1, "", "ambassador.link/inject: required");
        web.awaitRollout();
        shop.awaitCondition("Converged");
    }

    /** From redis-a to redis-b, while the consumer asks. */
    private void retarget() throws Exception {
        try (ConsumerDeployment.Following consumer = web.follow(web.pod())) {
            await().atMost(ClusterNamespace.TO_START).until(consumer::last, "redis-a"::equals);
            shop.apply("redis-b", SIDECAR);
            await().atMost(ClusterNamespace.TO_CONVERGE).until(consumer::last, "redis-b"::equals);
            shop.awaitCondition("Converged");
            assertThat(consumer.failures())
                    .as("of %d answers", consumer.answers())
                    .isEmpty();
        }
    }

    private List<String> relayImages() {
        return web.pods().stream()
                .flatMap(pod -> pod.getSpec().getInitContainers().stream())
                .map(Container::getImage)
                .toList();
    }
}
