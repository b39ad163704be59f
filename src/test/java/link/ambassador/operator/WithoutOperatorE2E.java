package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import link.ambassador.kubernetes.WithoutRetry;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * A gateway, a sidecar and new pods while no operator runs, and what the next operator makes of it: one absence for all, because
 * it takes operators half a minute to go and to come.
 */
@Isolated("takes the operators away")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@TestMethodOrder(OrderAnnotation.class)
class WithoutOperatorE2E {
    private static final String SIDECAR = "placement: {sidecar: {selector: {matchLabels: {app: web}}}}";

    private static BareNode node;
    private static ClusterNamespace shop;
    private static ConsumerDeployment web;

    @BeforeAll
    static void noOperator() throws Exception {
        node = new BareNode();
        shop = new ClusterNamespace();
        web = new ConsumerDeployment(shop, "web");
        shop.apply("redis-a");
        shop.applyAs("local", "redis-a", SIDECAR);
        web.apply(1, "", "ambassador.link/inject: required");
        web.awaitRollout();
        awaitAll("Ready");
        // Not the table that its relay was injected with.
        shop.apply("redis-b");
        awaitAll("Converged");

        List<String> before = shop.identities();
        shop.kubectl("delete", "deployment", "ambassador-operator", "-n", "ambassador-system");
        await().atMost(ClusterNamespace.TO_START).until(() -> shop.operators().isEmpty());
        assertThat(shop.identities()).as("the relays stay").isEqualTo(before);
    }

    @AfterAll
    static void anOperator() throws Exception {
        if (shop != null) {
            shop.install();
            shop.close();
        }
    }

    @Test
    @Order(1)
    void aGatewayServesOnAndANewRelayOfItServesItsTable() throws Exception {
        assertThat(ClusterNamespace.whoAnswers(shop.service())).isEqualTo("redis-b");
        List<String> before = shop.identities();

        shop.kubectl("delete", "pod", shop.relays().get(0).getMetadata().getName(), "--wait=false");

        await().atMost(ClusterNamespace.TO_START)
                .until(() -> shop.relays().size() == 1 && !shop.identities().equals(before));
        shop.kubectl("wait", "--for=condition=Ready", "pod", "-l", "ambassador.link/gateway", "--timeout=55s");
        assertThat(ClusterNamespace.whoAnswers(
                        new InetSocketAddress(shop.relays().get(0).getStatus().getPodIP(), 6379)))
                .isEqualTo("redis-b");
    }

    @Test
    @Order(2)
    void aSidecarServesOnAndAfterItsDeathItsLastTable() throws Exception {
        try (ConsumerPodLoad consumer = new ConsumerPodLoad(node, web.pod())) {
            await().until(consumer::last, "redis-a"::equals);
            shop.applyAs("local", "redis-b", SIDECAR);

            Pod pod = web.pod();
            int restarts = relay(pod).getRestartCount();
            node.signal("KILL", node.java(pod));
            long killed = System.nanoTime();
            await().atMost(ClusterNamespace.TO_START)
                    .until(
                            () -> relay(web.pod()),
                            now -> now.getRestartCount() > restarts && Boolean.TRUE.equals(now.getStarted()));
            System.out.printf(
                    "e2e.sidecar.killed: started again after %d ms%n", (System.nanoTime() - killed) / 1_000_000);
        }
        try (ConsumerPodLoad consumer = new ConsumerPodLoad(node, web.pod())) {
            await("its last table").atMost(ClusterNamespace.TO_CONVERGE).until(consumer::last, "redis-a"::equals);
            assertThat(consumer.failures()).isEmpty();
        }
    }

    private static ContainerStatus relay(Pod pod) {
        return pod.getStatus().getInitContainerStatuses().get(0);
    }

    @Test
    @Order(3)
    void podsAreCreatedWithoutRelaysUnlessTheyRequireThem() throws Exception {
        try (KubernetesClient kubernetes = WithoutRetry.client(shop.kubernetes)) {
            assertThat(shop.dryRun(kubernetes, "true").getSpec().getInitContainers())
                    .isEmpty();
            assertThatThrownBy(() -> shop.dryRun(kubernetes, "required"))
                    .isInstanceOf(KubernetesClientException.class)
                    .hasMessageContaining("failed calling webhook \"required.pods.ambassador.link\"");
        }

        web.apply(1, "", "without: an-operator");
        web.awaitRollout();
        assertThat(web.pod().getSpec().getInitContainers()).isEmpty();
    }

    @Test
    @Order(4)
    void theNextOperatorServesWhatWasEditedAndReplacesNothing() throws Exception {
        List<String> alone = shop.identities();
        String deployment = deployment();

        shop.install();

        // It reconciles what it found before what is applied from now on.
        shop.apply("redis-a");
        shop.awaitCondition("Converged");
        assertThat(ClusterNamespace.whoAnswers(shop.service())).isEqualTo("redis-a");
        assertThat(shop.identities()).isEqualTo(alone);
        assertThat(deployment()).isEqualTo(deployment);

        await().atMost(ClusterNamespace.TO_START)
                .until(
                        () -> shop.kubectl(
                                "get", "amb", "local", "-o=jsonpath={.status.conditions[?(@.type==\"Ready\")].reason}"),
                        "RestartNeeded"::equals);
        web.apply(1, "", "ambassador.link/inject: required");
        web.awaitRollout();
        awaitAll("Ready");
        try (ConsumerPodLoad consumer = new ConsumerPodLoad(node, web.pod())) {
            await().atMost(ClusterNamespace.TO_CONVERGE).until(consumer::last, "redis-b"::equals);
        }
    }

    private static String deployment() throws Exception {
        return shop.kubectl("get", "deployment", "cache-ambassador", "-o", "jsonpath={.metadata.resourceVersion}");
    }

    private static void awaitAll(String condition) throws Exception {
        shop.kubectl("wait", "--for=condition=" + condition, "amb", "--all", "--timeout=85s");
    }
}
