package link.ambassador.relay;

import static link.ambassador.config.ExistingConnections.DRAIN;
import static link.ambassador.config.ExistingConnections.KEEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import link.ambassador.ConcurrentTest;
import link.ambassador.config.Hold;
import link.ambassador.config.Link;
import link.ambassador.config.WhenExpired;
import link.ambassador.relay.join.CloseReason;
import link.ambassador.relay.proxy.LinkListener;
import link.ambassador.relayspec.Downstream;
import link.ambassador.relayspec.Pair;
import link.ambassador.relayspec.Upstream;
import link.ambassador.relayspec.Wire;
import org.junit.jupiter.api.BeforeEach;

/** New connections of a link with a hold wait, and go on when the table has no hold any longer. */
final class HoldTest extends BeforeTwoTargets {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @BeforeEach
    void listen() throws IOException {
        onB.listen();
    }

    @ConcurrentTest
    void aHeldConnectionIsNotDialledAndItsBytesWaitForTheUpstream() throws Exception {
        relay.apply(held());
        Downstream downstream = connectHeld(1).get(0);
        downstream.send("early");
        downstream.expectNothingFor(300);
        assertThat(relay.dialsTotal()).isZero();
        assertThat(relay.heldBytes()).isZero();

        relay.apply(notHeld());
        Upstream upstream = onA.accept();
        upstream.expectBytes("early");
        upstream.send("answer");
        downstream.expectBytes("answer");
    }

    @ConcurrentTest
    void anEditOfTheTargetsChangesWhereHeldConnectionsGo() throws Exception {
        relay.apply(held());
        Downstream downstream = connectHeld(1).get(0);
        downstream.send("early");
        relay.apply(heldWith(b));
        relay.apply(relay.link(DRAIN, MINUTE, b));
        onB.accept().expectBytes("early");
    }

    @ConcurrentTest
    void oneTableMayChangeTheTargetAndEndTheHold() throws Exception {
        relay.apply(held());
        Downstream downstream = connectHeld(1).get(0);
        downstream.send("early");
        relay.apply(relay.link(DRAIN, MINUTE, b));
        onB.accept().expectBytes("early");
        assertThat(relay.dialsTotal()).isOne();
    }

    @ConcurrentTest
    void theListenerStaysAndOtherLinksAreNotTouched() throws Exception {
        InetSocketAddress otherAddress = TestRelay.freeAddress();
        Link other = TestRelay.link(otherAddress.getPort(), KEEP, Duration.ofSeconds(1), b);
        relay.apply(notHeld(), other);
        LinkListener listener = relay.listener();
        try (Wire onOther = new Wire(otherAddress, TestRelay.freeAddress())) {
            Pair before = new Pair(onOther.connect(), onB.accept());
            relay.apply(held(), other);
            before.pingPong();
            new Pair(onOther.connect(), onB.accept()).pingPong();
            relay.apply(notHeld(), other);
            before.pingPong();
        }
        assertThat(relay.listener()).isSameAs(listener);
        onA.open().pingPong();
    }

    @ConcurrentTest
    void connectionsAreReleasedInTheOrderInWhichTheyCame() throws Exception {
        relay.apply(held());
        sendNumbers(connectHeld(30));
        relay.apply(notHeld());
        for (int i = 0; i < 30; i++) {
            onA.accept().expectBytes(number(i));
        }
    }

    @ConcurrentTest
    void aConnectionThatComesAfterTheHoldDoesNotWaitForThoseBefore() throws Exception {
        relay.apply(held());
        sendNumbers(connectHeld(400));
        relay.apply(notHeld());
        onA.connect().send("late");
        List<String> order = new ArrayList<>();
        for (int i = 0; i <= 400; i++) {
            order.add(onA.accept().receiveText(4));
        }
        order.remove("late");
        assertThat(order).isSorted().hasSize(400);
    }

    /** It can fail only by being faster, however busy the machine is. */
    @ConcurrentTest
    void theRelayReleasesNoMoreThanTwoHundredASecond() throws Exception {
        relay.apply(held());
        connectHeld(60);
        long begin = System.nanoTime();
        relay.apply(notHeld());
        for (int i = 0; i < 60; i++) {
            onA.accept();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(58 * 5));
    }

    @ConcurrentTest
    void anotherHoldKeepsThoseThatAreNotReleasedYet() throws Exception {
        relay.apply(held());
        sendNumbers(connectHeld(100));
        relay.apply(notHeld());
        onA.accept().expectBytes(number(0));
        relay.apply(heldSince(Instant.now().plusMillis(1)));
        int left = relay.held();
        assertThat(left).isBetween(1, 99);
        onB.connect();
        await().until(relay::held, held -> held == left + 1);
    }

    @ConcurrentTest
    void oneMoreThanMaxHeldIsResetAndCounted() throws Exception {
        relay.apply(withHold(new Hold(Instant.now(), MINUTE, WhenExpired.RELEASE, 2, KEEP, MINUTE)));
        List<Downstream> two = connectHeld(2);
        onA.connect().expectReset();
        assertThat(relay.closed(CloseReason.HOLD_OVERFLOW)).isOne();
        assertThat(relay.hold().getInteger("overflow")).isOne();

        two.get(0).reset();
        await().until(relay::held, held -> held == 1);
        onA.connect();
        await().until(relay::held, held -> held == 2);
    }

    @ConcurrentTest
    void heldConnectionsCountForMaxConnections() throws Exception {
        relay.apply(held().toBuilder().maxConnections(OptionalInt.of(1)).build());
        connectHeld(1);
        onA.connect().expectReset();
        assertThat(relay.closed(CloseReason.MAX_CONNECTIONS)).isOne();
    }

    @ConcurrentTest
    void aConsumerThatGivesUpLeavesTheQueue() throws Exception {
        relay.apply(held());
        List<Downstream> two = connectHeld(2);
        two.get(1).send("second");
        two.get(0).reset();
        await().until(relay::open, open -> open == 1);
        assertThat(relay.held()).isOne();
        assertThat(relay.closed(CloseReason.DOWNSTREAM_RESET)).isOne();
        relay.apply(notHeld());
        onA.accept().expectBytes("second");
        await().untilAsserted(() -> assertThat(relay.metrics())
                .contains(
                        "ambassador_holds_total{alias=\"up\",listen=\"" + relay.address.getPort()
                                + "\",outcome=\"abandoned\"} 1.0",
                        "outcome=\"released\"} 1.0"));
    }

    @ConcurrentTest
    void theFinOfAHeldConnectionWaitsForItsRelease() throws Exception {
        relay.apply(held());
        Downstream downstream = connectHeld(1).get(0);
        downstream.send("question");
        downstream.shutdownOutput();
        downstream.expectNothingFor(300);
        assertThat(relay.held()).isOne();

        relay.apply(notHeld());
        Upstream upstream = onA.accept();
        upstream.expectBytes("question");
        upstream.expectFin();
        upstream.send("answer");
        downstream.expectBytes("answer");
    }

    @ConcurrentTest
    void aConnectionThatIsBeingDialledWaitsToo() throws Exception {
        InetSocketAddress silent = TestRelay.freeAddress();
        try (Wire onSilent = new Wire(relay.address, silent)) {
            onSilent.blackHole();
            relay.apply(relay.link(KEEP, MINUTE, silent));
            Downstream dialling = onA.connect();
            dialling.send("early");
            await().until(relay::open, open -> open == 1);
            relay.apply(heldWith(silent));
            await().until(relay::held, held -> held == 1);
            relay.apply(notHeld());
            onA.accept().expectBytes("early");
        }
    }

    @ConcurrentTest
    void aShutdownReleasesAllAtOnceAndHoldsNoMore() throws Exception {
        try (TestRelay shuttingDown = TestRelay.start(
                Map.of("AMBASSADOR_SHUTDOWN_DELAY", "2s", "AMBASSADOR_GRACE_PERIOD", "10s"), link -> link.toBuilder()
                        .hold(Optional.of(Hold.of(Instant.now(), MINUTE)))
                        .build())) {
            shuttingDown.wire.listen();
            Downstream waits = shuttingDown.wire.connect();
            waits.send("early");
            await().until(shuttingDown::held, held -> held == 1);
            Future<Void> gone = shuttingDown.relay.shutdown();
            shuttingDown.wire.accept().expectBytes("early");
            shuttingDown.wire.open().pingPong();
            assertThat(shuttingDown.held()).isZero();
            TestRelay.await(gone);
        }
    }

    @ConcurrentTest
    void aLinkThatLeavesTheTableReleasesItsConnections() throws Exception {
        relay.apply(held());
        Downstream downstream = connectHeld(1).get(0);
        downstream.send("early");
        relay.apply();
        onA.accept().expectBytes("early");
    }

    @ConcurrentTest
    void linksAndMetricsTellOfTheHold() throws Exception {
        assertThat(relay.hold()).isNull();
        Instant startedAt = Instant.now();
        relay.apply(heldSince(startedAt));
        connectHeld(2);

        JsonObject during = relay.links().getJsonArray("links").getJsonObject(0);
        assertThat(during.getJsonObject("connections").getInteger("held")).isEqualTo(2);
        assertThat(during.getJsonObject("hold").getMap())
                .containsEntry("startedAt", startedAt.toString())
                .containsEntry("state", "holding")
                .containsEntry("endedAt", null)
                .containsEntry("held", 2);
        assertThat(Instant.parse(during.getJsonObject("hold").getString("until")))
                .isBetween(startedAt.plusSeconds(59), startedAt.plusSeconds(61));
        assertThat(relay.metrics())
                .contains("ambassador_connections_held{alias=\"up\"")
                .contains("\"} 2.0");

        relay.apply(notHeld());
        onA.accept();
        onA.accept();
        await().until(relay::held, held -> held == 0);
        JsonObject after = relay.hold();
        assertThat(after.getMap())
                .containsEntry("state", "removed")
                .containsEntry("held", 0)
                .containsEntry("heldTotal", 2L);
        assertThat(Instant.parse(after.getString("endedAt")))
                .isAfterOrEqualTo(startedAt.truncatedTo(ChronoUnit.MILLIS));
        assertThat(after.getLong("longestWaitMillis")).isNotNegative();
        assertThat(relay.metrics())
                .contains("ambassador_held_seconds_count{alias=\"up\"")
                .contains("le=\"600.0\"} 2")
                .contains("le=\"+Inf\"} 2");
    }

    private List<Downstream> connectHeld(int count) throws IOException {
        List<Downstream> downstreams = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            downstreams.add(onA.connect());
        }
        await().until(relay::held, held -> held == count);
        return downstreams;
    }

    private static void sendNumbers(List<Downstream> downstreams) throws IOException {
        for (int i = 0; i < downstreams.size(); i++) {
            downstreams.get(i).send(number(i));
        }
    }

    private static String number(int i) {
        return String.format(Locale.ROOT, "%04d", i);
    }

    private Link notHeld() {
        return relay.link(DRAIN, MINUTE, relay.target);
    }

    private Link held() {
        return heldSince(Instant.now());
    }

    private Link heldSince(Instant startedAt) {
        return withHold(Hold.of(startedAt, MINUTE));
    }

    private Link heldWith(InetSocketAddress target) {
        return relay.link(DRAIN, MINUTE, target).toBuilder()
                .hold(Optional.of(Hold.of(Instant.now(), MINUTE)))
                .build();
    }

    private Link withHold(Hold hold) {
        return notHeld().toBuilder().hold(Optional.of(hold)).build();
    }
}
