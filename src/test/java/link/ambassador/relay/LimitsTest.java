package link.ambassador.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import link.ambassador.config.Link;
import link.ambassador.relay.dial.DialResult;
import link.ambassador.relay.dial.TargetHealth;
import link.ambassador.relay.join.CloseReason;
import link.ambassador.relayspec.Downstream;
import link.ambassador.relayspec.Pair;
import org.junit.jupiter.api.Test;

/** The limits of a link, and the dials that fail. */
final class LimitsTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final int PIECES = 16;
    private static final int PIECE = 32 * 1024;

    @Test
    void aConnectionBeyondMaxConnectionsIsResetAndCounted() throws Exception {
        try (TestRelay relay = TestRelay.start(Map.of(), link -> limited(link, OptionalInt.of(2), null, LONG))) {
            Pair first = relay.wire.open();
            Pair second = relay.wire.open();
            relay.wire.connect().expectReset();

            assertThat(relay.closed(CloseReason.MAX_CONNECTIONS)).isOne();
            assertThat(relay.open()).isEqualTo(2);
            second.pingPong();
            first.downstream().reset();
            await().until(relay::open, open -> open == 1);
            relay.wire.open().pingPong();
        }
    }

    @Test
    void silenceForIdleTimeoutResetsBothSides() throws Exception {
        try (TestRelay relay = withTimeouts(Duration.ofMillis(300), LONG)) {
            Pair pair = relay.wire.open();
            pair.downstream().expectReset();
            pair.upstream().expectReset();
            await().until(() -> relay.closed(CloseReason.IDLE_TIMEOUT), count -> count == 1);
        }
    }

    @Test
    void bytesInEitherDirectionDeferIdleTimeout() throws Exception {
        try (TestRelay relay = withTimeouts(Duration.ofMillis(800), LONG)) {
            Pair up = relay.wire.open();
            Pair down = relay.wire.open();
            for (int i = 0; i < 6; i++) {
                up.downstream().send("x");
                up.upstream().expectBytes("x");
                down.upstream().send("y");
                down.downstream().expectBytes("y");
                down.downstream().expectNothingFor(250);
            }
            assertThat(relay.open()).isEqualTo(2);
            up.downstream().expectReset();
            down.upstream().expectReset();
        }
    }

    @Test
    void halfCloseTimeoutCountsFromTheLastByte() throws Exception {
        try (TestRelay relay = withTimeouts(null, Duration.ofMillis(800))) {
            Pair pair = relay.wire.open();
            pair.downstream().shutdownOutput();
            pair.upstream().expectFin();
            for (int i = 0; i < 6; i++) {
                pair.upstream().send("y");
                pair.downstream().expectBytes("y");
                pair.downstream().expectNothingFor(250);
            }
            pair.downstream().expectReset();
            await().until(() -> relay.closed(CloseReason.HALF_CLOSE_TIMEOUT), count -> count == 1);
        }
    }

    @Test
    void halfCloseTimeoutDoesNotConcernAnOpenConnection() throws Exception {
        try (TestRelay relay = withTimeouts(null, Duration.ofMillis(200))) {
            Pair pair = relay.wire.open();
            pair.downstream().expectNothingFor(600);
            pair.pingPong();
        }
    }

    @Test
    void idleTimeoutHoldsForAHalfClosedConnectionToo() throws Exception {
        try (TestRelay relay = withTimeouts(Duration.ofMillis(500), LONG)) {
            Pair pair = relay.wire.open();
            pair.downstream().shutdownOutput();
            pair.upstream().expectFin();
            pair.downstream().expectReset();
            await().until(() -> relay.closed(CloseReason.IDLE_TIMEOUT), count -> count == 1);
        }
    }

    @Test
    void aSlowReaderIsNotIdle() throws Exception {
        try (TestRelay relay = withTimeouts(Duration.ofSeconds(1), LONG)) {
            Pair pair = openWithSmallWindow(relay);
            pair.upstream().send(new byte[PIECES * PIECE]);
            readSlowly(pair);
            pair.downstream().expectReset();
            await().until(() -> relay.closed(CloseReason.IDLE_TIMEOUT), count -> count == 1);
        }
    }

    @Test
    void aSlowReaderGetsAllThatCameBeforeTheUpstreamsFin() throws Exception {
        try (TestRelay relay = withTimeouts(null, Duration.ofSeconds(1))) {
            Pair pair = openWithSmallWindow(relay);
            pair.upstream().send(new byte[PIECES * PIECE]);
            pair.upstream().shutdownOutput();
            readSlowly(pair);
            pair.downstream().expectFin();
        }
    }

    @Test
    void bytesInTheKernelAtATimeoutGoOutWithAFin() throws Exception {
        try (TestRelay relay = withTimeouts(Duration.ofMillis(500), LONG)) {
            Pair pair = openWithSmallWindow(relay);
            pair.upstream().send(new byte[PIECES * PIECE]);
            pair.upstream().expectReset();
            await().until(() -> relay.closed(CloseReason.IDLE_TIMEOUT), count -> count == 1);
            pair.downstream().expectBytes(new byte[PIECES * PIECE]);
            pair.downstream().expectFin();
        }
    }

    @Test
    void aPeerThatTakesNothingIsEndedAtIdleTimeout() throws Exception {
        try (TestRelay relay = withTimeouts(Duration.ofMillis(500), LONG)) {
            Pair pair = openWithSmallWindow(relay);
            pair.upstream().expectSendingToFail();
            await().until(() -> relay.closed(CloseReason.IDLE_TIMEOUT), count -> count == 1);
            assertThat(relay.heldBytes()).isZero();
        }
    }

    private static Pair openWithSmallWindow(TestRelay relay) throws IOException {
        relay.wire.listen();
        return new Pair(Downstream.connect(relay.address, PIECE), relay.wire.accept());
    }

    /** For several timeouts. */
    private static void readSlowly(Pair pair) throws IOException {
        for (int i = 0; i < PIECES; i++) {
            pair.downstream().expectBytes(new byte[PIECE]);
            pair.upstream().expectNothingFor(250);
        }
    }

    @Test
    void aRefusedConnectIsCountedAndResetsTheDownstream() throws Exception {
        try (TestRelay relay = TestRelay.start()) {
            relay.wire.connect().expectReset();
            await().until(() -> relay.closed(CloseReason.CONNECT_FAILED), count -> count == 1);
            assertThat(relay.dials(DialResult.REFUSED)).isOne();
            assertThat(relay.open()).isZero();
        }
    }

    @Test
    void aLinkToItsOwnPortIsRefusedWithAReasonAndDialsNothing() throws IOException {
        InetSocketAddress own = TestRelay.freeAddress();
        try (TestRelay relay = TestRelay.start(Map.of(), own, own, link -> link);
                Downstream downstream = relay.wire.connect()) {
            downstream.expectReset();
            assertThat(relay.dials(DialResult.SELF)).isOne();
            Optional<TargetHealth.LastTry> lastTry = relay.see(
                    link -> link.health().lastTry(link.link().targets().get(0)));
            assertThat(lastTry)
                    .get()
                    .extracting(TargetHealth.LastTry::sentence)
                    .asString()
                    .contains("own listener");
            assertThat(relay.openedTotal()).isOne();
        }
    }

    private static TestRelay withTimeouts(Duration idle, Duration halfClose) {
        return TestRelay.start(Map.of(), link -> limited(link, OptionalInt.empty(), idle, halfClose));
    }

    private static Link limited(Link link, OptionalInt maxConnections, Duration idle, Duration halfClose) {
        return link.toBuilder()
                .idleTimeout(Optional.ofNullable(idle))
                .halfCloseTimeout(halfClose)
                .maxConnections(maxConnections)
                .build();
    }
}
