package link.ambassador.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import link.ambassador.config.ExistingConnections;
import link.ambassador.relay.join.CloseReason;
import link.ambassador.relayspec.Chaos;
import link.ambassador.relayspec.ChaosFigures;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * 64 clients whose connections end from both sides in every way at once. It runs for twenty seconds in the build. A
 * soak is {@code ./mvnw test -Dtest=ChaosTest -DargLine=-Dchaos.seconds=600}; {@code -Dchaos.seed=} repeats a run.
 */
final class ChaosTest {
    private static final Duration DURATION = Duration.ofSeconds(Long.getLong("chaos.seconds", 20));
    private static final long SEED = Long.getLong("chaos.seed", new Random().nextInt(1_000_000));
    private static final Duration BETWEEN_RETARGETS = Duration.ofMillis(50);
    private static final int MOST_IDLE_PIPES = 4;

    @Test
    void everyConnectionIsServedHoweverOthersEnd() throws Exception {
        try (TestRelay relay = TestRelay.start()) {
            ChaosFigures figures =
                    Chaos.of(relay.address, List.of(relay.target), SEED, Chaos.lasting(DURATION.dividedBy(2)));
            assertNothingIsLost(relay, figures, "no retargets");
            assertThat(figures.cut()).isZero();
        }
    }

    /** With every byte through a pipe, and without epoll. */
    @ParameterizedTest
    @ValueSource(strings = {"AMBASSADOR_SPLICE=always", "AMBASSADOR_TRANSPORT=nio"})
    void everyConnectionIsServedHoweverItIsRelayed(String setting) throws Exception {
        String[] nameValue = setting.split("=", 2);
        try (TestRelay relay = TestRelay.start(Map.of(nameValue[0], nameValue[1]), link -> link)) {
            ChaosFigures figures =
                    Chaos.of(relay.address, List.of(relay.target), SEED, Chaos.lasting(DURATION.dividedBy(8)));
            assertNothingIsLost(relay, figures, setting);
        }
    }

    /** A policy may cut open connections. Even then each connection must be served, and by one target only. */
    @ParameterizedTest
    @EnumSource(ExistingConnections.class)
    void everyConnectionIsServedWhileTheTableIsRetargeted(ExistingConnections policy) throws Exception {
        try (TestRelay relay = TestRelay.start()) {
            List<InetSocketAddress> targets = List.of(relay.target, TestRelay.freeAddress());
            ChaosFigures figures = Chaos.of(relay.address, targets, SEED, () -> retarget(relay, policy, targets));
            assertNothingIsLost(relay, figures, "a retarget each " + BETWEEN_RETARGETS.toMillis() + " ms, " + policy);
            if (policy != ExistingConnections.CLOSE) {
                assertThat(figures.cut()).isZero();
                assertThat(relay.closed(CloseReason.RETARGETED)).isZero();
            }
        }
    }

    private static void retarget(TestRelay relay, ExistingConnections policy, List<InetSocketAddress> targets)
            throws InterruptedException {
        long retargets = DURATION.dividedBy(8).dividedBy(BETWEEN_RETARGETS);
        for (int i = 1; i <= retargets; i++) {
            relay.apply(relay.link(policy, Duration.ofSeconds(30), targets.get(i % targets.size())));
            Thread.sleep(BETWEEN_RETARGETS.toMillis());
        }
    }

    private static void assertNothingIsLost(TestRelay relay, ChaosFigures figures, String what) {
        await().untilAsserted(() -> assertThat(relay.open()).isZero());
        Map<CloseReason, Long> closed =
                relay.see(link -> Map.copyOf(link.counters().closedByReason()));
        System.out.println("chaos, seed " + SEED + ", " + what + ": " + figures + "; closed " + closed);
        assertThat(figures.error()).isEmpty();
        assertThat(figures.served()).isPositive();
        assertThat(figures.lost()).as("lost").isZero();
        assertThat(figures.crossed()).as("crossed").isZero();
        assertThat(figures.refused()).as("refused").isZero();
        assertThat(closed).doesNotContainKeys(CloseReason.INTERNAL_ERROR, CloseReason.CONNECT_FAILED);
        assertThat(closed.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(relay.openedTotal());
        assertThat(relay.heldBytes()).isZero();
        assertThat(TestRelay.await(
                        relay.relay.inspect(() -> relay.relay.pipes().usage().open())))
                .isLessThanOrEqualTo(MOST_IDLE_PIPES);
    }
}
