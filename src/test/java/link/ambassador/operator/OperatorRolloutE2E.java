package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import link.ambassador.operator.gateway.SerialRollout;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Gateways and new pods while the operators are replaced. Each test gives them another image for their relays: the second gives
 * back what they had before the first.
 */
@Isolated("replaces the operators")
@TestMethodOrder(OrderAnnotation.class)
class OperatorRolloutE2E {
    private static final String IMAGE = "localhost/amb-ambassador:test";
    private static final String NEXT = "localhost/amb-ambassador:next";
    private static final String RELAY_IMAGE = "AMBASSADOR_RELAY_IMAGE";
    private static final Duration ROLLED = Duration.ofMinutes(3);

    private static ClusterNamespace shop;

    @BeforeAll
    static void shop() throws Exception {
        new BareNode().tag(IMAGE, NEXT);
        shop = new ClusterNamespace();
    }

    @AfterAll
    static void noShop() throws Exception {
        if (shop != null) {
            shop.install();
            shop.close();
        }
    }

    @Test
    @Order(1)
    void anotherRelayImageRollsOneGatewayAtATimeAndFailsNoConnect() throws Exception {
        List<String> gateways = List.of("cache", "cache-2", "cache-3");
        for (String gateway : gateways) {
            shop.applyAs(gateway, "redis-a");
        }
        for (String condition : List.of("Ready", "Converged")) {
            shop.kubectl("wait", "--for=condition=" + condition, "amb", "--all", "--timeout=55s");
        }
        Map<String, Boolean> rolling = new ConcurrentHashMap<>();
        AtomicInteger most = new AtomicInteger();
        Watch watch = watch(NEXT, rolling, most);
        try (ServiceLoad consumer = new ServiceLoad(shop.service())) {
            replaceOperators();
            await().atMost(ROLLED).until(() -> rolling.size() == gateways.size() && !rolling.containsValue(true));
            await().atMost(ClusterNamespace.TO_START).until(() -> shop.relays().size() == 1);
            assertThat(most).hasValue(1);
            assertThat(consumer.failures())
                    .as("of %d connects", consumer.connects())
                    .isEmpty();
        } finally {
            watch.close();
            // Else they roll again with the next image.
            shop.kubectl("delete", "amb", "--all");
        }
    }

    /** @param rolling the Deployments with the next image, and whether they are not through yet */
    private static Watch watch(String image, Map<String, Boolean> rolling, AtomicInteger most) {
        return shop.kubernetes.apps().deployments().inNamespace(shop.namespace).watch(new Watcher<>() {
            @Override
            public void eventReceived(Action action, Deployment deployment) {
                boolean next = deployment
                        .getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .get(0)
                        .getImage()
                        .equals(image);
                if (next && action == Action.MODIFIED) {
                    rolling.put(deployment.getMetadata().getName(), !SerialRollout.isOver(deployment));
                    most.accumulateAndGet(
                            (int) rolling.values().stream().filter(yes -> yes).count(), Math::max);
                }
            }

            @Override
            public void onClose(WatcherException cause) {
                most.set(Integer.MAX_VALUE);
            }
        });
    }

    @Test
    @Order(2)
    void noPodGoesWithoutItsRelayMeanwhile() throws Exception {
        int[] pods = {0};
        replaceOperators();

        await().atMost(ROLLED).pollInterval(Duration.ofMillis(50)).until(() -> {
            assertThat(shop.dryRun(shop.kubernetes, "true").getSpec().getInitContainers())
                    .as("pod %d", pods[0]++)
                    .isNotEmpty();
            return pods[0] > 100 && isRolledOut();
        });
    }

    /** By those for the other image of the two. */
    private static void replaceOperators() throws Exception {
        boolean next = deployment().getSpec().getTemplate().getSpec().getContainers().get(0).getEnv().stream()
                .anyMatch(variable -> variable.getName().equals(RELAY_IMAGE) && NEXT.equals(variable.getValue()));
        shop.kubectl(
                "set",
                "env",
                "deployment/" + Installation.ACCOUNT,
                RELAY_IMAGE + "=" + (next ? IMAGE : NEXT),
                "-n",
                Installation.NAMESPACE);
    }

    /** Also of the pods that are gone: they answer until the end. */
    private static boolean isRolledOut() {
        Deployment deployment = deployment();
        DeploymentStatus status = deployment.getStatus();
        int wanted = deployment.getSpec().getReplicas();
        return deployment.getMetadata().getGeneration().equals(status.getObservedGeneration())
                && Integer.valueOf(wanted).equals(status.getUpdatedReplicas())
                && Integer.valueOf(wanted).equals(status.getReadyReplicas())
                && shop.operators().size() == wanted;
    }

    private static Deployment deployment() {
        return shop.kubernetes
                .apps()
                .deployments()
                .inNamespace(Installation.NAMESPACE)
                .withName(Installation.ACCOUNT)
                .get();
    }
}
