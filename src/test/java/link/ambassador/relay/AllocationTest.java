package link.ambassador.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.netty.channel.epoll.Epoll;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import link.ambassador.config.Link;
import link.ambassador.relayspec.Pair;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The heap that the event loop allocates while bytes go through, as the JVM counts it for the loop's thread.
 *
 * <p>It measures until a round has no allocation. Classes, caches and compiled code come late on a busy machine, and
 * only compiled code saves objects that never leave a method. An allocation for each message or read would be there in
 * every round.
 */
final class AllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Less than the smallest object, so that only a rare one is allowed. */
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
        messagesAllocateNothing("auto", link -> link);
    }

    @Test
    void aSmallMessageThatIsSplicedAllocatesNothing() throws Exception {
        messagesAllocateNothing("always", link -> link);
    }

    /** The timer is that of the connection: a message neither starts nor stops one. */
    @Test
    void anIdleTimeoutAllocatesNothingForAMessage() throws Exception {
        messagesAllocateNothing("auto", AllocationTest::withIdleTimeout);
    }

    private static void messagesAllocateNothing(String splice, UnaryOperator<Link> shape) throws Exception {
        try (TestRelay relay = TestRelay.start(Map.of("AMBASSADOR_SPLICE", splice), shape)) {
            Pair pair = relay.wire.open();
            assertLeast(() -> perRoundTrip(relay, pair), 2 * BYTES_PER_MESSAGE);
        }
    }

    @Test
    void bulkThatIsCopiedAllocatesNothing() throws Exception {
        bulkAllocatesNothing("never");
    }

    @Test
    void bulkThatIsSplicedAllocatesNothing() throws Exception {
        bulkAllocatesNothing("auto");
    }

    private static void bulkAllocatesNothing(String splice) throws Exception {
        try (TestRelay relay = TestRelay.start(Map.of("AMBASSADOR_SPLICE", splice), link -> link)) {
            Pair pair = relay.wire.open();
            assertLeast(() -> perBulkRead(relay, pair), BYTES_PER_MESSAGE);
        }
    }

    private static Link withIdleTimeout(Link link) {
        return link.toBuilder().idleTimeout(Optional.of(Duration.ofMinutes(10))).build();
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
        pair.pingPong(WARM_UP);
        long before = THREADS.getThreadAllocatedBytes(loop);
        pair.pingPong(ROUND_TRIPS);
        return (double) (THREADS.getThreadAllocatedBytes(loop) - before) / ROUND_TRIPS;
    }

    private static double perBulkRead(TestRelay relay, Pair pair) throws Exception {
        long loop = loop(relay);
        move(relay, pair);
        long before = THREADS.getThreadAllocatedBytes(loop);
        move(relay, pair);
        return (double) (THREADS.getThreadAllocatedBytes(loop) - before) / BULK_READS_AT_LEAST;
    }

    private static long loop(TestRelay relay) {
        return TestRelay.await(relay.relay.inspect(() -> Thread.currentThread().getId()));
    }

    private static void move(TestRelay relay, Pair pair) throws Exception {
        Future<Void> sending = relay.wire.sendMeanwhile(pair.upstream(), BULK);
        pair.downstream().expectBytes(BULK);
        sending.get(10, TimeUnit.SECONDS);
    }
}
