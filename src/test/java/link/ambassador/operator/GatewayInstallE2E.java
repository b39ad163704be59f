package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Gateways in real pods while the operator is given another image for them. */
@Isolated("replaces the operators")
class GatewayInstallE2E {
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
    void anotherRelayImageRollsOneGatewayAtATimeAndFailsNoConnect() throws Exception {
        String next = "localhost/amb-ambassador:next";
        new BareNode().tag("localhost/amb-ambassador:test", next);
        List<String> gateways = List.of("cache", "cache-2", "cache-3");
        for (String gateway : gateways) {
            shop.applyAs(gateway, "redis-a");
        }
        shop.kubectl("wait", "--for=condition=Ready", "amb", "--all", "--timeout=55s");
        Map<String, Boolean> rolling = new ConcurrentHashMap<>();
        AtomicInteger most = new AtomicInteger();
        Watch watch = watch(next, rolling, most);
        try (Consumers consumer = new Consumers(shop.service())) {
            shop.kubectl(
                    "set",
                    "env",
                    "deployment/ambassador-operator",
                    "AMBASSADOR_RELAY_IMAGE=" + next,
                    "-n",
                    "ambassador-system");
            await().atMost(Duration.ofMinutes(3))
                    .until(() -> rolling.size() == gateways.size() && !rolling.containsValue(true));
            await().atMost(Shop.TO_START).until(() -> shop.relays().size() == 1);
            assertThat(most).hasValue(1);
            assertThat(consumer.failures())
                    .as("of %d connects", consumer.connects())
                    .isEmpty();
        } finally {
            watch.close();
            shop.kubectl("delete", "amb", "--all");
            shop.install();
        }
    }

    /** @param rolling the Deployments with the next image, and whether they are not through yet */
    private Watch watch(String image, Map<String, Boolean> rolling, AtomicInteger most) {
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
                    rolling.put(deployment.getMetadata().getName(), !RolloutTurns.isOver(deployment));
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
}
