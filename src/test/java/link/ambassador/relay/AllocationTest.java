package link.ambassador.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.netty.channel.epoll.Epoll;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import link.ambassador.config.Link;
import link.ambassador.relayspec.Pair;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What the event loop allocates on the heap while bytes go through, as the JVM counts it for its thread.
 *
 * <p>Measured again and again until a round has none: classes, caches and the code of the just-in-time compiler come when their
 * time has come, which is late on a busy machine, and only that code leaves out objects that never leave a method. What the
 * relay itself allocates for a message or a read is there in each round.
 */
final class AllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Less than the smallest object: only now and then is there one. */
    private static final double BYTES_PER_MESSAGE = 8;

    private static final int MOST_ROUNDS = 10;
    private static final int WARM_UP = 500;
    private static final int ROUND_TRIPS = 3_000;
    private static final byte[] BULK = new byte[64 << 20];
    private static final int BULK_READS_AT_LEAST = BULK.length / (128 * 1024);

    @BeforeEach
    void epoll() {
        assumeTrue(Epoll.isAvailable());
    }

    @Test
    void aSmallMessageAllocatesNothing() throws Exception {
        try (TestRelay relay = TestRelay.start()) {
            Pair pair = relay.wire.open();
            assertLeast(() -> perRoundTrip(relay, pair), 2 * BYTES_PER_MESSAGE);
        }
    }

    @Test
    void aSmallMessageThatIsSplicedAllocatesNothing() throws Exception {
        try (TestRelay relay = TestRelay.start(Map.of("AMBASSADOR_SPLICE", "always"), link -> link)) {
            Pair pair = relay.wire.open();
            assertLeast(() -> perRoundTrip(relay, pair), 2 * BYTES_PER_MESSAGE);
        }
    }

    /** Its timer is that of the connection: no message starts or stops one. */
    @Test
    void anIdleTimeoutAllocatesNothingForAMessage() throws Exception {
        try (TestRelay relay = TestRelay.start(Map.of(), AllocationTest::withIdleTimeout)) {
            Pair pair = relay.wire.open();
            assertLeast(() -> perRoundTrip(relay, pair), 2 * BYTES_PER_MESSAGE);
        }
    }

    @Test
    void bulkThatIsCopiedAllocatesNothing() throws Exception {
        try (TestRelay relay = TestRelay.start(Map.of("AMBASSADOR_SPLICE", "never"), link -> link)) {
            Pair pair = relay.wire.open();
            assertLeast(() -> perBulkRead(relay, pair), BYTES_PER_MESSAGE);
        }
    }

    @Test
    void bulkThatIsSplicedAllocatesNothing() throws Exception {
        try (TestRelay relay = TestRelay.start()) {
            Pair pair = relay.wire.open();
            assertLeast(() -> perBulkRead(relay, pair), BYTES_PER_MESSAGE);
        }
    }

    private static Link withIdleTimeout(Link link) {
        return new Link(
                link.alias(),
                link.listen(),
                link.targets(),
                link.connectTimeout(),
                Optional.of(Duration.ofMinutes(10)),
                link.halfCloseTimeout(),
                link.maxConnections(),
                link.existingConnections(),
                link.drainTimeout());
    }

    private interface Round {
        double bytes() throws Exception;
    }

    private static void assertLeast(Round round, double mostBytes) throws Exception {
        double least = Double.MAX_VALUE;
        for (int i = 0; i < MOST_ROUNDS && least >= mostBytes; i++) {
            least = Math.min(least, round.bytes());
        }
        assertThat(least).isLessThan(mostBytes);
    }

    private static double perRoundTrip(TestRelay relay, Pair pair) throws Exception {
        long loop = loop(relay);
        roundTrips(pair, WARM_UP);
        long before = THREADS.getThreadAllocatedBytes(loop);
        roundTrips(pair, ROUND_TRIPS);
        return (double) (THREADS.getThreadAllocatedBytes(loop) - before) / ROUND_TRIPS;
    }

    private static double perBulkRead(TestRelay relay, Pair pair) throws Exception {
        long loop = loop(relay);
        move(pair);
        long before = THREADS.getThreadAllocatedBytes(loop);
        move(pair);
        return (double) (THREADS.getThreadAllocatedBytes(loop) - before) / BULK_READS_AT_LEAST;
    }

    private static long loop(TestRelay relay) {
        return TestRelay.await(relay.relay.inspect(() -> Thread.currentThread().getId()));
    }

    private static void roundTrips(Pair pair, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            pair.downstream().send("ping");
            pair.upstream().expectBytes("ping");
            pair.upstream().send("pong");
            pair.downstream().expectBytes("pong");
        }
    }

    private static void move(Pair pair) throws Exception {
        CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
            try {
                pair.upstream().send(BULK);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        pair.downstream().expectBytes(BULK);
        sending.get(10, TimeUnit.SECONDS);
    }
}
