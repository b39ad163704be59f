package link.ambassador.relay;

import static link.ambassador.config.ExistingConnections.CLOSE;
import static link.ambassador.config.ExistingConnections.DRAIN;
import static link.ambassador.config.ExistingConnections.KEEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import link.ambassador.ConcurrentTest;
import link.ambassador.config.ExistingConnections;
import link.ambassador.config.Hold;
import link.ambassador.config.Link;
import link.ambassador.config.WhenExpired;
import link.ambassador.relay.join.CloseReason;
import link.ambassador.relay.proxy.LinkSnapshot;
import link.ambassador.relayspec.Pair;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What a hold does to the connections that were open when it began. */
final class HoldExistingConnectionsTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration SHORT = Duration.ofSeconds(1);

    private final Instant startedAt = Instant.now();
    private TestRelay relay;
    private Pair pair;

    @BeforeEach
    void start() throws IOException {
        relay = TestRelay.start();
        pair = relay.wire.open();
        pair.pingPong();
    }

    @AfterEach
    void stop() {
        relay.close();
    }

    @ConcurrentTest
    void keepLeavesThem() throws Exception {
        relay.apply(held(KEEP, LONG));
        pair.downstream().expectNothingFor(1_500);
        pair.pingPong();
    }

    @ConcurrentTest
    void closeResetsThem() throws Exception {
        relay.apply(held(CLOSE, LONG));
        pair.downstream().expectReset();
        pair.upstream().expectReset();
        await().until(() -> relay.closed(CloseReason.HOLD_STARTED), count -> count == 1);
    }

    @ConcurrentTest
    void drainEndsAnIdleOneWithFinAndWaitsForABusyOne() throws Exception {
        Pair busy = busy();
        relay.apply(held(DRAIN, LONG));
        pair.downstream().expectFin();
        busy.downstream().expectNothingFor(500);
        answer(busy);
        busy.downstream().expectFin();
    }

    @ConcurrentTest
    void drainEndsWhatIsStillBusyAtItsTimeout() throws Exception {
        Pair busy = busy();
        relay.apply(held(DRAIN, Duration.ofMillis(2_500)));
        pair.downstream().expectFin();
        busy.downstream().expectFin();
        await().until(relay::open, open -> open == 0);
        assertThat(relay.closed(CloseReason.DRAINED)).isOne();
        assertThat(relay.closed(CloseReason.DRAIN_TIMEOUT)).isOne();
    }

    @ConcurrentTest
    void theEndOfTheHoldSparesWhatIsStillDraining() throws Exception {
        Pair busy = busy();
        relay.apply(held(DRAIN, LONG));
        await().until(() -> relay.<Integer>see(LinkSnapshot::draining), draining -> draining > 0);
        relay.apply(notHeld(relay.target));
        assertThat(relay.<Integer>see(LinkSnapshot::draining)).isZero();
        answer(busy);
        busy.downstream().expectNothingFor(1_500);
    }

    @ConcurrentTest
    void theTimeoutOfTheHoldSparesWhatIsStillDraining() throws Exception {
        Pair busy = busy();
        relay.apply(with(new Hold(startedAt, SHORT, WhenExpired.RELEASE, 10, DRAIN, LONG)));
        await().until(() -> relay.hold().getString("state").equals("expired"));
        await().until(() -> relay.<Integer>see(LinkSnapshot::draining), draining -> draining == 0);
        answer(busy);
        busy.downstream().expectNothingFor(1_500);
    }

    @ConcurrentTest
    void anEditFromDrainToKeepSparesThemAndOneToCloseResetsThem() throws Exception {
        Pair busy = busy();
        relay.apply(held(DRAIN, LONG));
        relay.apply(held(KEEP, LONG));
        assertThat(relay.<Integer>see(LinkSnapshot::draining)).isZero();
        answer(busy);
        busy.downstream().expectNothingFor(1_500);
        relay.apply(held(CLOSE, LONG));
        busy.downstream().expectReset();
    }

    @ConcurrentTest
    void anEditOfTheTimeoutAloneLeavesThemAsTheyAre() throws Exception {
        relay.apply(held(KEEP, LONG));
        relay.apply(with(new Hold(startedAt, LONG.plusSeconds(1), WhenExpired.RELEASE, 10, KEEP, LONG)));
        pair.pingPong();
    }

    @ConcurrentTest
    void aRetargetDuringAHoldWithKeepDrainsByItsOwnPolicy() throws Exception {
        InetSocketAddress b = TestRelay.freeAddress();
        relay.apply(held(KEEP, LONG));
        relay.apply(notHeld(b).toBuilder().hold(Optional.of(hold(KEEP, LONG))).build());
        pair.downstream().expectFin();
    }

    @ConcurrentTest
    void aRetargetThatKeepsDoesNotEndTheDrainOfAHold() throws Exception {
        Pair busy = busy();
        relay.apply(held(DRAIN, LONG));
        relay.apply(relay.link(KEEP, LONG, TestRelay.freeAddress()).toBuilder()
                .hold(Optional.of(hold(DRAIN, LONG)))
                .build());
        answer(busy);
        busy.downstream().expectFin();
    }

    @ConcurrentTest
    void aRetargetThatEndsTheHoldDrainsWhatWasDraining() throws Exception {
        Pair busy = busy();
        relay.apply(held(DRAIN, LONG));
        relay.apply(notHeld(TestRelay.freeAddress()));
        answer(busy);
        busy.downstream().expectFin();
    }

    /** A connection whose request has no answer yet. */
    private Pair busy() throws IOException {
        Pair busy = relay.wire.open();
        busy.downstream().send("question");
        busy.upstream().expectBytes("question");
        return busy;
    }

    private static void answer(Pair busy) throws IOException {
        busy.upstream().send("answer");
        busy.downstream().expectBytes("answer");
    }

    private Link notHeld(InetSocketAddress target) {
        return relay.link(DRAIN, LONG, target);
    }

    private Link held(ExistingConnections policy, Duration drainTimeout) {
        return with(hold(policy, drainTimeout));
    }

    private Link with(Hold hold) {
        return notHeld(relay.target).toBuilder().hold(Optional.of(hold)).build();
    }

    private Hold hold(ExistingConnections policy, Duration drainTimeout) {
        return new Hold(startedAt, LONG, WhenExpired.RELEASE, 10, policy, drainTimeout);
    }
}
