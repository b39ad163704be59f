package link.ambassador.relay;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import link.ambassador.relay.join.CloseReason;
import link.ambassador.relayspec.Downstream;
import link.ambassador.relayspec.Pair;
import org.junit.jupiter.api.Test;

/** Peers that do not read cost a bounded amount, and nobody else's time. */
final class StuckPairsTest {
    private static final int PAIRS = 200;
    private static final long CHUNK = 128 * 1024;
    private static final long BOUND_PER_DIRECTION = 256 * 1024;
    /** What a read may still bring that was asked for before the budget was used up. */
    private static final long READ_OVER_BUDGET = 512;

    private static final long SMALL_BUDGET = 1 << 20;

    @Test
    void twoHundredStuckPairsStayWithinTheirBoundAndSlowNobody() throws Exception {
        try (TestRelay relay = TestRelay.start();
                StuckPairs stuck = StuckPairs.open(relay, PAIRS)) {
            long before = directMemory();
            stuck.floodUntilBlocked();

            assertThat(relay.open()).isEqualTo(PAIRS);
            // A chunk each; a read that Netty had scheduled may bring some legs a second one.
            assertThat(relay.heldBytes()).isPositive().isLessThanOrEqualTo(PAIRS * 2 * 2 * CHUNK);
            assertThat(directMemory() - before).isLessThanOrEqualTo(PAIRS * 2 * BOUND_PER_DIRECTION);

            stuck.endTheUpstreamListener();
            Pair fresh = relay.wire.open();
            for (int i = 0; i < 100; i++) {
                long begin = System.nanoTime();
                pingPong(fresh);
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

                long bytes = relay.see(link -> link.counters().bytesToUpstream()).longValue();
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
            pingPong(relay.wire.open());
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
            pingPong(relay.wire.open());
        }
    }

    private static long directMemory() {
        return PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
    }

    private static void pingPong(Pair pair) throws IOException {
        pair.downstream().send("ping".getBytes(ISO_8859_1));
        pair.upstream().expectBytes("ping");
        pair.upstream().send("pong");
        pair.downstream().expectBytes("pong");
    }
}
