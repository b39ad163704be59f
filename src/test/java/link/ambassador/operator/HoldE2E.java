package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.api.v1alpha1.LastHold;
import link.ambassador.config.Annotations;
import link.ambassador.operator.ConsumerDeployment.Following;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** A switchover as docs/ambassador.md says, in real pods, beside consumers that connect all the time. */
@Isolated("kills the operators")
class HoldE2E {
    private static final Duration LONGER_THAN_THE_HOLD = Duration.ofMinutes(3);
    private static final String HOLD = "{\"spec\":{\"hold\":{\"timeout\":\"2m\"}}}";
    private static final String RETARGET_AND_RELEASE =
            """
            [{"op": "replace", "path": "/spec/links/0/targets/0/host", "value": "redis-b"}, {"op": "remove", "path": "/spec/hold"}]""";

    private final BareNode node = new BareNode();
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
    void consumersOfAGatewayWaitWhileItsTargetAndItsOperatorsAreReplaced() throws Exception {
        shop.apply("redis-a");
        shop.awaitCondition("Ready");
        shop.awaitCondition("Converged");
        List<String> relays = shop.identities();
        try (ServiceLoad consumer = new ServiceLoad(shop.service(), LONGER_THAN_THE_HOLD)) {
            await().atMost(ClusterNamespace.TO_CONVERGE).until(consumer::last, "redis-a"::equals);

            hold();
            long answered = consumer.connects();
            shop.kubectl("delete", "pod", "redis-a", "--grace-period=0", "--force");
            node.killOperators(shop);
            assertThat(consumer.connects()).as("answers of nobody").isEqualTo(answered);

            release();
            await().atMost(ClusterNamespace.TO_START).until(consumer::last, "redis-b"::equals);
            shop.awaitCondition("Converged");
            assertReleased("e2e.hold.gateway");
            assertThat(consumer.failures())
                    .as("of %d connects", consumer.connects())
                    .isEmpty();
        }
        assertThat(shop.identities()).isEqualTo(relays);
    }

    @Test
    void consumersWithSidecarsWaitAlsoInAPodThatIsCreatedMeanwhile() throws Exception {
        ConsumerDeployment web = new ConsumerDeployment(shop, "web");
        shop.apply("redis-a", "placement: {sidecar: {selector: {matchLabels: {app: web}}}}");
        web.apply(1, "", "ambassador.link/inject: required");
        web.awaitRollout();
        shop.awaitCondition("Ready");
        shop.awaitCondition("Converged");
        Pod first = web.pod();
        List<String> before = web.identities();
        try (Following consumer = web.follow(first)) {
            await().atMost(ClusterNamespace.TO_CONVERGE).until(consumer::last, "redis-a"::equals);

            hold();
            int answered = consumer.answers();
            shop.kubectl("delete", "pod", "redis-a", "--grace-period=0", "--force");
            shop.kubectl("scale", "deployment", "web", "--replicas=2");
            web.awaitRollout();
            String startedAt = shop.status().hold().startedAt();
            await().atMost(ClusterNamespace.TO_START)
                    .until(() -> shop.status().hold().connectionsHeld() == 2);
            assertThat(web.pods()).hasSize(2).allSatisfy(pod -> assertThat(
                            pod.getMetadata().getAnnotations().get(Annotations.LINKS))
                    .contains(startedAt));
            assertThat(consumer.answers()).as("answers of nobody").isEqualTo(answered);

            release();
            await().atMost(ClusterNamespace.TO_START).until(consumer::last, "redis-b"::equals);
            assertReleased("e2e.hold.sidecar");
            assertThat(consumer.failures())
                    .as("of %d answers", consumer.answers())
                    .isEmpty();
        }
        assertThat(web.pods()).allSatisfy(pod -> assertThat(web.printed(pod))
                .noneMatch(line -> line.startsWith(ConsumerDeployment.FAILED))
                .contains("redis-b"));
        assertThat(web.identities()).containsAll(before);
    }

    private void hold() throws Exception {
        shop.kubectl("patch", "amb", "cache", "--type=merge", "-p", HOLD);
        shop.awaitCondition("Held");
    }

    private void release() throws Exception {
        shop.kubectl("patch", "amb", "cache", "--type=json", "-p", RETARGET_AND_RELEASE);
    }

    private void assertReleased(String figures) {
        await().atMost(ClusterNamespace.TO_START).until(() -> shop.status().lastHold() != null);
        AmbassadorStatus status = shop.status();
        LastHold hold = status.lastHold();
        assertThat(hold.outcome()).isEqualTo(LastHold.RELEASED);
        assertThat(hold.connections()).isPositive();
        assertThat(status.hold()).isNull();
        assertThat(shop.events())
                .containsOnlyOnce("HoldStarted", "HoldReleased")
                .doesNotContain("HoldExpired");
        System.out.printf(
                "%s: held for %d ms, %d connections waited, the longest for %s%n",
                figures,
                Duration.between(Instant.parse(hold.startedAt()), Instant.parse(hold.endedAt()))
                        .toMillis(),
                hold.connections(),
                hold.longestWait());
    }
}
