package link.ambassador.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.epoll.Epoll;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import link.ambassador.config.ExistingConnections;
import link.ambassador.relay.join.CloseReason;
import link.ambassador.relay.join.PipePool;
import link.ambassador.relayspec.Downstream;
import link.ambassador.relayspec.Pair;
import link.ambassador.relayspec.Upstream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which bytes go through pipes, what stuck ones cost, and that no pipe is left behind. */
final class SplicingTest {
    private static final Map<String, String> ALWAYS = Map.of("AMBASSADOR_SPLICE", "always");
    private static final int SMALL_BUFFER = 16 * 1024;
    private static final byte[] BULK = new byte[16 << 20];

    @BeforeEach
    void epoll() {
        assumeTrue(Epoll.isAvailable());
    }

    @Test
    void bulkIsSplicedAndSmallMessagesAreNot() throws Exception {
        try (TestRelay relay = TestRelay.start()) {
            Pair pair = relay.wire.open();
            moveDown(relay, pair, BULK);
            long spliced = see(relay, PipePool.Usage::splicedBytes);
            assertThat(spliced).isBetween(BULK.length / 2L, (long) BULK.length);

            // A few messages end the bulk; then come many.
            pair.pingPong(10);
            long before = see(relay, PipePool.Usage::splicedBytes);
            pair.pingPong(100);
            assertThat(see(relay, PipePool.Usage::splicedBytes)).isEqualTo(before);
        }
    }

    @Test
    void nothingIsSplicedWhenItIsForbidden() throws Exception {
        try (TestRelay relay = TestRelay.start(Map.of("AMBASSADOR_SPLICE", "never"), link -> link)) {
            moveDown(relay, relay.wire.open(), BULK);
            assertThat(see(relay, PipePool.Usage::splicedBytes)).isZero();
            assertThat(see(relay, PipePool.Usage::open)).isZero();
        }
    }

    @Test
    void aPipeThatHoldsBytesOfAConnectionThatIsResetIsNotUsedAgain() throws Exception {
        try (TestRelay relay = TestRelay.start(ALWAYS, link -> link)) {
            relay.wire.listen();
            try (Downstream downstream = Downstream.connect(relay.address, SMALL_BUFFER);
                    Upstream upstream = relay.wire.accept()) {
                Future<Void> sending = sendUntilBytesWait(relay, upstream);
                downstream.reset();
                assertThatThrownBy(() -> sending.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
            }
            await().untilAsserted(() -> {
                assertThat(relay.open()).isZero();
                assertThat(relay.heldBytes()).isZero();
            });
            // Bytes that a pipe held before would come out first.
            relay.wire.open().pingPong(100);
        }
    }

    @Test
    void bytesInAPipeKeepADrainingConnectionUntilTheyHaveLeft() throws Exception {
        try (TestRelay relay = TestRelay.start(ALWAYS, link -> link)) {
            relay.wire.listen();
            try (Downstream downstream = Downstream.connect(relay.address, SMALL_BUFFER);
                    Upstream upstream = relay.wire.accept()) {
                Future<Void> sending = sendUntilBytesWait(relay, upstream);

                relay.apply(relay.link(ExistingConnections.DRAIN, Duration.ofMinutes(1), TestRelay.freeAddress()));
                await().during(Duration.ofSeconds(2)).until(() -> relay.open() == 1 && relay.heldBytes() > 0);

                downstream.expectBytes(BULK);
                downstream.expectFin();
                sending.get(10, TimeUnit.SECONDS);
                await().until(() -> relay.closed(CloseReason.DRAINED) == 1);
            }
        }
    }

    @Test
    void aRetargetThatClosesResetsOverBytesInAPipe() throws Exception {
        try (TestRelay relay = TestRelay.start(ALWAYS, link -> link)) {
            relay.wire.listen();
            try (Downstream downstream = Downstream.connect(relay.address, SMALL_BUFFER);
                    Upstream upstream = relay.wire.accept()) {
                Future<Void> sending = sendUntilBytesWait(relay, upstream);
                relay.apply(relay.link(ExistingConnections.CLOSE, Duration.ofMinutes(1), TestRelay.freeAddress()));
                assertThatThrownBy(() -> sending.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
                downstream.expectSendingToFail();
                await().untilAsserted(() -> {
                    assertThat(relay.closed(CloseReason.RETARGETED)).isOne();
                    assertThat(relay.heldBytes()).isZero();
                });
            }
        }
    }

    private static Future<Void> sendUntilBytesWait(TestRelay relay, Upstream upstream) {
        Future<Void> sending = relay.wire.sendMeanwhile(upstream, BULK);
        await().until(relay::heldBytes, held -> held > 0);
        return sending;
    }

    private static void moveDown(TestRelay relay, Pair pair, byte[] bytes) throws Exception {
        Future<Void> sending = relay.wire.sendMeanwhile(pair.upstream(), bytes);
        pair.downstream().expectBytes(bytes);
        sending.get(10, TimeUnit.SECONDS);
    }

    private static long see(TestRelay relay, ToLongFunction<PipePool.Usage> figure) {
        return TestRelay.await(
                relay.relay.inspect(() -> figure.applyAsLong(relay.relay.pipes().usage())));
    }
}
