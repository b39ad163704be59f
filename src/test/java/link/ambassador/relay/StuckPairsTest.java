package link.ambassador.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.PooledByteBufAllocator;
import java.time.Duration;
import java.util.Map;
import link.ambassador.relay.join.CloseReason;
import link.ambassador.relayspec.Downstream;
import link.ambassador.relayspec.Pair;
import org.junit.jupiter.api.Test;

/** Peers that do not read cost a bounded amount of memory, and do not delay others. */
final class StuckPairsTest {
    private static final int PAIRS = 200;
    private static final long CHUNK = 128 * 1024;
    private static final long BOUND_PER_DIRECTION = 256 * 1024;
    /** The most that a read brings that was requested before the budget was used up. */
    private static final long READ_OVER_BUDGET = 512;

    private static final long SMALL_BUDGET = 1 << 20;

    @Test
    void twoHundredStuckPairsStayWithinTheirBoundAndSlowNoOther() throws Exception {
        try (TestRelay relay = TestRelay.start();
                StuckPairs stuck = StuckPairs.open(relay, PAIRS)) {
            long before = directMemory();
            stuck.floodUntilBlocked();

            assertThat(relay.open()).isEqualTo(PAIRS);
            // A chunk each. Some endpoints may get a second one from a read that Netty had scheduled.
            assertThat(relay.heldBytes()).isPositive().isLessThanOrEqualTo(PAIRS * 2 * 2 * CHUNK);
            assertThat(directMemory() - before).isLessThanOrEqualTo(PAIRS * 2 * BOUND_PER_DIRECTION);

            stuck.endTheUpstreamListener();
            Pair fresh = relay.wire.open();
            for (int i = 0; i < 100; i++) {
                long begin = System.nanoTime();
                fresh.pingPong();
                assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofMillis(500));
            }
        }
    }

    @Test
    void overTheBudgetReadingStopsAndNewConnectionsAreReset() throws Exception {
        try (TestRelay relay =
                TestRelay.start(Map.of("AMBASSADOR_BYTE_BUDGET", Long.toString(SMALL_BUDGET)), link -> link)) {
            try (StuckPairs stuck = StuckPairs.open(relay, PAIRS)) {
                stuck.floodUntilBlocked();
                assertThat(relay.heldBytes())
                        .isBetween(SMALL_BUDGET - CHUNK, SMALL_BUDGET + PAIRS * 2 * READ_OVER_BUDGET);

                long bytes =
                        relay.see(link -> link.counters().bytesToUpstream()).longValue();
                stuck.floodUntilBlocked();
                assertThat(relay.see(link -> link.counters().bytesToUpstream()).longValue())
                        .isEqualTo(bytes);
                try (Downstream refused = relay.wire.connect()) {
                    refused.expectReset();
                }
                assertThat(relay.closed(CloseReason.OVER_BUDGET)).isOne();
                assertThat(relay.open()).isEqualTo(PAIRS);
            }
        }
    }

    @Test
    void whenStuckPairsOverTheBudgetAreResetEverythingReturnsToZero() throws Exception {
        try (TestRelay relay =
                TestRelay.start(Map.of("AMBASSADOR_BYTE_BUDGET", Long.toString(SMALL_BUDGET)), link -> link)) {
            try (StuckPairs stuck = StuckPairs.open(relay, PAIRS)) {
                stuck.floodUntilBlocked();
            }
            await().untilAsserted(() -> {
                assertThat(relay.open()).isZero();
                assertThat(relay.heldBytes()).isZero();
            });
            relay.wire.open().pingPong();
        }
    }

    @Test
    void readingGoesOnWhenStuckPeersReadAgain() throws Exception {
        try (TestRelay relay =
                        TestRelay.start(Map.of("AMBASSADOR_BYTE_BUDGET", Long.toString(SMALL_BUDGET)), link -> link);
                StuckPairs stuck = StuckPairs.open(relay, PAIRS)) {
            stuck.floodUntilBlocked();
            stuck.readAllThatWasSent();
            await().until(relay::heldBytes, held -> held == 0);
            stuck.endTheUpstreamListener();
            relay.wire.open().pingPong();
        }
    }

    private static long directMemory() {
        return PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
    }
}
