package link.ambassador.relay;

import static link.ambassador.config.ExistingConnections.KEEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import link.ambassador.ConcurrentTest;
import link.ambassador.config.Hold;
import link.ambassador.config.Link;
import link.ambassador.config.WhenExpired;
import link.ambassador.relay.join.CloseReason;
import link.ambassador.relayspec.Downstream;
import link.ambassador.relayspec.Pair;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A relay ends a hold itself, by its own clock and whatever the clock of the table's writer says. */
final class HoldEndTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration TEN_MINUTES = Duration.ofMinutes(10);

    private TestRelay relay;

    @BeforeEach
    void start() throws IOException {
        relay = TestRelay.start();
        relay.wire.listen();
    }

    @AfterEach
    void stop() {
        relay.close();
    }

    @ConcurrentTest
    void afterItsTimeoutAHoldReleasesItsConnectionsAndHoldsNoMore() throws Exception {
        Pair pair = heldBriefly(Instant.now(), SECOND);
        pair.pingPong();
        assertThat(state()).isEqualTo("expired");
        relay.wire.open().pingPong();
        assertThat(relay.hold().getLong("heldTotal")).isOne();
    }

    @ConcurrentTest
    void afterItsTimeoutAHoldWithRefuseResetsItsConnectionsAndHoldsNoMore() throws Exception {
        relay.apply(with(new Hold(Instant.now(), SECOND, WhenExpired.REFUSE, 10, KEEP, SECOND)));
        Downstream first = relay.wire.connect();
        Downstream second = relay.wire.connect();
        first.expectReset();
        second.expectReset();
        await().until(() -> relay.closed(CloseReason.HOLD_EXPIRED), count -> count == 2);
        assertThat(relay.metrics()).contains("outcome=\"expired\"} 2.0");
        assertThat(relay.dialsTotal()).isZero();
        relay.wire.open().pingPong();
    }

    @ConcurrentTest
    void aHoldFromAClockThatIsAnHourAheadEndsItsTimeoutAfterItCame() throws Exception {
        heldBriefly(Instant.now().plus(Duration.ofHours(1)), SECOND).pingPong();
    }

    @ConcurrentTest
    void aHoldThatBeganBeforeTheRelayDidEndsWhenItWouldHaveEnded() throws Exception {
        heldBriefly(Instant.now().minus(TEN_MINUTES).plus(SECOND), TEN_MINUTES).pingPong();
    }

    @ConcurrentTest
    void aHoldThatIsOverWhenItComesHoldsNothing() throws Exception {
        relay.apply(with(hold(Instant.now().minus(TEN_MINUTES), TEN_MINUTES)));
        relay.wire.open().pingPong();
        relay.apply(with(hold(Instant.parse("0000-01-01T00:00:00Z"), TEN_MINUTES)));
        relay.wire.open().pingPong();
        assertThat(state()).isEqualTo("expired");
        assertThat(relay.hold().getLong("heldTotal")).isZero();
    }

    @ConcurrentTest
    void aHoldThatIsOverWhenItComesReleasesWhatTheHoldBeforeItHeld() throws Exception {
        relay.apply(with(hold(Instant.now(), TEN_MINUTES)));
        Downstream downstream = relay.wire.connect();
        await().until(relay::held, held -> held == 1);
        relay.apply(with(new Hold(Instant.EPOCH, SECOND, WhenExpired.REFUSE, 10, KEEP, SECOND)));
        new Pair(downstream, relay.wire.accept()).pingPong();
    }

    @ConcurrentTest
    void aLongerTimeoutProlongsAHoldThatLasts() throws Exception {
        Instant now = Instant.now();
        relay.apply(with(hold(now, TEN_MINUTES.minus(SECOND))));
        Downstream downstream = relay.wire.connect();
        relay.apply(with(hold(now, TEN_MINUTES)));
        assertThat(Instant.parse(relay.hold().getString("until")))
                .isAfter(now.plus(TEN_MINUTES).minusMillis(500));
        await().until(relay::held, held -> held == 1);
        relay.apply(with(hold(now, SECOND)));
        new Pair(downstream, relay.wire.accept()).pingPong();
        assertThat(state()).isEqualTo("expired");
    }

    @ConcurrentTest
    void anExpiredHoldStaysExpiredWithALongerTimeout() throws Exception {
        Instant now = Instant.now();
        heldBriefly(now, SECOND);
        relay.apply(with(hold(now, TEN_MINUTES)));
        assertThat(state()).isEqualTo("expired");
        relay.wire.open().pingPong();

        relay.apply(with(hold(now.plusMillis(1), TEN_MINUTES)));
        assertThat(state()).isEqualTo("holding");
    }

    @ConcurrentTest
    void aHoldThatIsTakenOutAndPutBackEndsWhenItWouldHaveEnded() throws Exception {
        Instant ahead = Instant.now().plus(Duration.ofHours(1));
        relay.apply(with(hold(ahead, TEN_MINUTES)));
        String until = relay.hold().getString("until");
        relay.apply(notHeld());
        assertThat(state()).isEqualTo("removed");
        relay.apply(with(hold(ahead, TEN_MINUTES)));
        assertThat(state()).isEqualTo("holding");
        assertThat(Duration.between(
                        Instant.parse(until), Instant.parse(relay.hold().getString("until"))))
                .isLessThan(Duration.ofMillis(2));
    }

    /** A connection that waits while this hold lasts, and is connected after it. */
    private Pair heldBriefly(Instant startedAt, Duration timeout) throws IOException {
        relay.apply(with(hold(startedAt, timeout)));
        Downstream downstream = relay.wire.connect();
        await().until(() -> relay.hold().getLong("heldTotal") == 1);
        return new Pair(downstream, relay.wire.accept());
    }

    private String state() {
        return relay.hold().getString("state");
    }

    private Link notHeld() {
        return relay.link(KEEP, SECOND, relay.target);
    }

    private Link with(Hold hold) {
        return notHeld().toBuilder().hold(Optional.of(hold)).build();
    }

    private static Hold hold(Instant startedAt, Duration timeout) {
        return Hold.of(startedAt, timeout);
    }
}
