package link.ambassador.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.epoll.Epoll;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
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

/** Bytes that go through pipes: which do, what it costs when they are stuck there, and what is left behind. */
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
            moveDown(pair, BULK);
            long spliced = see(relay, PipePool.Usage::splicedBytes);
            assertThat(spliced).isBetween(BULK.length / 2L, (long) BULK.length);

            // A few that end the bulk, and then many.
            pingPong(pair, 10);
            long before = see(relay, PipePool.Usage::splicedBytes);
            pingPong(pair, 100);
            assertThat(see(relay, PipePool.Usage::splicedBytes)).isEqualTo(before);
        }
    }

    @Test
    void nothingIsSplicedWhenItIsForbidden() throws Exception {
        try (TestRelay relay = TestRelay.start(Map.of("AMBASSADOR_SPLICE", "never"), link -> link)) {
            moveDown(relay.wire.open(), BULK);
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
                CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> send(upstream, BULK));
                await().until(relay::heldBytes, held -> held > 0);
                downstream.reset();
                await().until(sending::isCompletedExceptionally);
            }
            await().untilAsserted(() -> {
                assertThat(relay.open()).isZero();
                assertThat(relay.heldBytes()).isZero();
            });
            // What a pipe held before would come out first.
            pingPong(relay.wire.open(), 100);
        }
    }

    @Test
    void bytesInAPipeKeepADrainingConnectionUntilTheyHaveLeft() throws Exception {
        try (TestRelay relay = TestRelay.start(ALWAYS, link -> link)) {
            relay.wire.listen();
            try (Downstream downstream = Downstream.connect(relay.address, SMALL_BUFFER);
                    Upstream upstream = relay.wire.accept()) {
                CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> send(upstream, BULK));
                await().until(relay::heldBytes, held -> held > 0);

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
                CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> send(upstream, BULK));
                await().until(relay::heldBytes, held -> held > 0);
                relay.apply(relay.link(ExistingConnections.CLOSE, Duration.ofMinutes(1), TestRelay.freeAddress()));
                await().until(sending::isCompletedExceptionally);
                downstream.expectSendingToFail();
                await().untilAsserted(() -> {
                    assertThat(relay.closed(CloseReason.RETARGETED)).isOne();
                    assertThat(relay.heldBytes()).isZero();
                });
            }
        }
    }

    private static void moveDown(Pair pair, byte[] bytes) throws Exception {
        CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> send(pair.upstream(), bytes));
        pair.downstream().expectBytes(bytes);
        sending.get(10, TimeUnit.SECONDS);
    }

    private static void send(Upstream upstream, byte[] bytes) {
        try {
            upstream.send(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long see(TestRelay relay, ToLongFunction<PipePool.Usage> figure) {
        return TestRelay.await(relay.relay.inspect(() -> figure.applyAsLong(relay.relay.pipes().usage())));
    }

    private static void pingPong(Pair pair, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            pair.downstream().send("ping");
            pair.upstream().expectBytes("ping");
            pair.upstream().send("pong");
            pair.downstream().expectBytes("pong");
        }
    }
}
