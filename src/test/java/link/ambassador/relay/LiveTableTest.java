package link.ambassador.relay;

import static link.ambassador.config.ExistingConnections.CLOSE;
import static link.ambassador.config.ExistingConnections.DRAIN;
import static link.ambassador.config.ExistingConnections.KEEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import link.ambassador.ConcurrentTest;
import link.ambassador.config.LinkTable;
import link.ambassador.relay.dial.DialResult;
import link.ambassador.relay.join.CloseReason;
import link.ambassador.relay.proxy.LinkListener;
import link.ambassador.relay.proxy.LinkSnapshot;
import link.ambassador.relay.watch.ExpectedWarning;
import link.ambassador.relayspec.BlackHole;
import link.ambassador.relayspec.Downstream;
import link.ambassador.relayspec.Pair;
import link.ambassador.relayspec.Wire;
import org.junit.jupiter.api.BeforeEach;

/** Contract point 3: a table is applied to a relay that carries traffic. */
@ExpectedWarning("cannot listen on .*: bind.* failed .*; retrying every second")
final class LiveTableTest extends BeforeTwoTargets {
    private static final Duration LONG = Duration.ofSeconds(30);

    private InetSocketAddress a;

    @BeforeEach
    void listen() throws IOException {
        a = relay.target;
        onB.listen();
    }

    @ConcurrentTest
    void newConnectionsGoToTheNewTargetThroughTheSameListener() throws Exception {
        LinkListener listener = relay.listener();
        onA.open().pingPong();
        relay.apply(relay.link(KEEP, LONG, b));
        onB.open().pingPong();
        assertThat(relay.listener()).isSameAs(listener);
        assertThat(relay.<Long>see(LinkSnapshot::retargets)).isOne();
    }

    @ConcurrentTest
    void keepLeavesTheConnectionsWhereTheyAre() throws Exception {
        Pair kept = onA.open();
        kept.pingPong();
        relay.apply(relay.link(KEEP, LONG, b));
        kept.downstream().expectNothingFor(1_500);
        kept.pingPong();
    }

    @ConcurrentTest
    void closeResetsBothSidesOfAffectedConnectionsAtOnce() throws Exception {
        Pair affected = onA.open();
        affected.pingPong();
        relay.apply(relay.link(CLOSE, LONG, b));
        affected.downstream().expectReset();
        affected.upstream().expectReset();
        await().until(() -> relay.closed(CloseReason.RETARGETED), count -> count == 1);
    }

    @ConcurrentTest
    void closeLeavesUnaffectedConnections() throws Exception {
        Pair pair = onA.open();
        pair.pingPong();
        relay.apply(relay.link(CLOSE, LONG, a, b));
        relay.apply(relay.link(CLOSE, LONG, a));
        pair.pingPong();
        relay.apply(relay.link(CLOSE, LONG, b, a));
        pair.downstream().expectReset();
    }

    @ConcurrentTest
    void drainWaitsFiveSecondsForAnAnswerAndThenEndsWithFin() throws Exception {
        Pair slow = onA.open();
        slow.pingPong();
        slow.downstream().send("slow query");
        slow.upstream().expectBytes("slow query");
        relay.apply(relay.link(DRAIN, LONG, b));
        assertThat(relay.<Integer>see(LinkSnapshot::draining)).isOne();
        slow.downstream().expectNothingFor(5_000);
        slow.upstream().send("answer");
        slow.downstream().expectBytes("answer");
        slow.downstream().expectFin();
        slow.upstream().expectFin();
        await().until(() -> relay.closed(CloseReason.DRAINED), count -> count == 1);
        assertThat(relay.<Integer>see(LinkSnapshot::draining)).isZero();
    }

    @ConcurrentTest
    void drainEndsAnIdlePoolOfFiftyWithFinWithinTwoSeconds() throws Exception {
        List<Pair> pool = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Pair pair = onA.open();
            pair.pingPong();
            pool.add(pair);
        }
        long begin = System.nanoTime();
        relay.apply(relay.link(DRAIN, LONG, b));
        for (Pair pair : pool) {
            pair.downstream().expectFin();
            pair.downstream().close();
        }
        await().until(relay::open, open -> open == 0);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(2));
        assertThat(relay.closed(CloseReason.DRAINED)).isEqualTo(50);
    }

    @ConcurrentTest
    void drainResetsWhatIsStillUnderWayAtItsTimeout() throws Exception {
        Pair busy = onA.open();
        busy.pingPong();
        relay.apply(relay.link(DRAIN, Duration.ofMillis(1_500), b));
        busy.downstream().expectSendingToFail();
        await().until(() -> relay.closed(CloseReason.DRAIN_TIMEOUT), count -> count == 1);
    }

    @ConcurrentTest
    void drainEndsAQuietProducerWithFinAtItsTimeout() throws Exception {
        Pair producer = onA.open();
        producer.downstream().send("last line");
        producer.upstream().expectBytes("last line");
        relay.apply(relay.link(DRAIN, Duration.ofMillis(1_500), b));
        producer.downstream().expectNothingFor(1_000);
        producer.downstream().expectFin();
        producer.upstream().expectFin();
        await().until(() -> relay.closed(CloseReason.DRAIN_TIMEOUT), count -> count == 1);
    }

    @ConcurrentTest
    void drainEndsAQuietHalfClosedConnectionWithFinAtItsTimeout() throws Exception {
        Pair asked = onA.open();
        asked.downstream().send("question");
        asked.downstream().shutdownOutput();
        asked.upstream().expectBytes("question");
        asked.upstream().expectFin();
        relay.apply(relay.link(DRAIN, Duration.ofMillis(1_500), b));
        asked.downstream().expectNothingFor(1_000);
        asked.downstream().expectFin();
        await().until(() -> relay.closed(CloseReason.DRAIN_TIMEOUT), count -> count == 1);
    }

    @ConcurrentTest
    void aRetargetThatIsTakenBackStopsTheDrain() throws Exception {
        Pair busy = onA.open();
        busy.downstream().send("question");
        busy.upstream().expectBytes("question");
        relay.apply(relay.link(DRAIN, Duration.ofSeconds(1), b));
        relay.apply(relay.link(DRAIN, Duration.ofSeconds(1), a));
        busy.downstream().expectNothingFor(2_000);
        busy.upstream().send("answer");
        busy.downstream().expectBytes("answer");
        busy.downstream().expectNothingFor(2_000);
        busy.pingPong();
    }

    @ConcurrentTest
    void keepEndsADrainAndCloseHurriesIt() throws Exception {
        Pair kept = onA.open();
        kept.downstream().send("question");
        kept.upstream().expectBytes("question");
        relay.apply(relay.link(DRAIN, Duration.ofSeconds(1), b));
        relay.apply(relay.link(KEEP, Duration.ofSeconds(1), b));
        kept.downstream().expectNothingFor(2_000);
        kept.downstream().reset();

        Pair closed = onB.open();
        closed.downstream().send("question");
        closed.upstream().expectBytes("question");
        relay.apply(relay.link(DRAIN, LONG, a));
        relay.apply(relay.link(CLOSE, LONG, a));
        closed.downstream().expectReset();
    }

    @ConcurrentTest
    void aConnectInFlightIsDialledAgainToTheNewTarget() throws Exception {
        InetSocketAddress silent = TestRelay.freeAddress();
        try (Wire onSilent = new Wire(relay.address, silent);
                BlackHole hole = onSilent.blackHole()) {
            relay.apply(relay.link(CLOSE, LONG, silent));
            Downstream downstream = onB.connect();
            downstream.send("early");
            downstream.expectNothingFor(300);
            relay.apply(relay.link(CLOSE, LONG, b));
            var upstream = onB.accept();
            upstream.expectBytes("early");
            upstream.send("late");
            downstream.expectBytes("late");
            assertThat(relay.dials(DialResult.CANCELLED)).isOne();
            assertThat(hole).isNotNull();
        }
    }

    /** More than one turn of the loop can handle. */
    private List<Pair> many(Wire wire) throws IOException {
        List<Pair> many = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            many.add(wire.open());
        }
        // The last of them is relayed, and so are those before it.
        many.get(many.size() - 1).pingPong();
        return many;
    }

    @ConcurrentTest
    void closeHoldsForEachOfManyAlsoWhenTheNextTableTakesItBack() throws Exception {
        List<Pair> many = many(onA);
        relay.relay.apply(LinkTable.of(List.of(relay.link(CLOSE, LONG, b))));
        relay.apply(relay.link(CLOSE, LONG, a));
        for (Pair pair : many) {
            pair.downstream().expectReset();
        }
        await().until(() -> relay.closed(CloseReason.RETARGETED), count -> count == many.size());
    }

    @ConcurrentTest
    void aDrainThatTheNextTableTakesBackEndsNoConnection() throws Exception {
        List<Pair> many = many(onA);
        for (Pair pair : many) {
            pair.downstream().send("question");
        }
        relay.relay.apply(LinkTable.of(List.of(relay.link(DRAIN, Duration.ofMillis(500), b))));
        relay.apply(relay.link(DRAIN, Duration.ofMillis(500), a));
        many.get(0).downstream().expectNothingFor(1_000);
        await().until(() -> relay.<Integer>see(LinkSnapshot::draining), draining -> draining == 0);
        for (Pair pair : many) {
            pair.upstream().send("answer");
            pair.downstream().expectBytes("answer");
        }
    }

    @ConcurrentTest
    void eachOfManyConnectsInFlightIsDialledAgainToTheNewTarget() throws Exception {
        InetSocketAddress silent = TestRelay.freeAddress();
        try (Wire onSilent = new Wire(relay.address, silent);
                BlackHole hole = onSilent.blackHole()) {
            assertThat(hole).isNotNull();
            relay.apply(relay.link(CLOSE, LONG, silent));
            List<Downstream> many = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                many.add(onB.connect());
            }
            await().until(relay::openedTotal, opened -> opened == many.size());
            relay.apply(relay.link(CLOSE, LONG, b));
            for (Downstream downstream : many) {
                downstream.send("early");
            }
            for (int i = 0; i < many.size(); i++) {
                var upstream = onB.accept();
                upstream.expectBytes("early");
                upstream.send("late");
            }
            for (Downstream downstream : many) {
                downstream.expectBytes("late");
            }
        }
    }

    @ConcurrentTest
    void aRemovedLinkStopsListeningAndDrains() throws Exception {
        Pair busy = onA.open();
        busy.downstream().send("question");
        busy.upstream().expectBytes("question");
        relay.apply();
        assertThatThrownBy(onA::connect).isInstanceOf(IOException.class);
        assertThat(relay.links().getJsonArray("links")).isEmpty();
        assertThat(relay.links().getJsonArray("leaving").getJsonObject(0).getInteger("listen"))
                .isEqualTo(relay.address.getPort());
        assertThat(relay.metrics()).contains("ambassador_connections_draining{alias=\"up\"");

        busy.upstream().send("answer");
        busy.downstream().expectBytes("answer");
        busy.downstream().expectFin();
        busy.downstream().close();
        await().until(() -> relay.links().getJsonArray("leaving").isEmpty());
        assertThat(relay.metrics()).doesNotContain("alias=\"up\"");
    }

    @ConcurrentTest
    void aRemovedLinkKeepsOrClosesItsConnectionsByItsPolicy() throws Exception {
        relay.apply(relay.link(KEEP, LONG, a));
        Pair kept = onA.open();
        kept.pingPong();
        relay.apply();
        kept.pingPong();

        relay.apply(relay.link(CLOSE, LONG, a));
        Pair closed = onA.open();
        closed.pingPong();
        kept.pingPong();
        relay.apply();
        closed.downstream().expectReset();
        kept.downstream().expectReset();
    }

    @ConcurrentTest
    void aLinkThatComesBackServesAndStopsItsDrain() throws Exception {
        Pair busy = onA.open();
        busy.downstream().send("question");
        busy.upstream().expectBytes("question");
        for (int i = 0; i < 3; i++) {
            relay.apply();
            assertThatThrownBy(onA::connect).isInstanceOf(IOException.class);
            relay.apply(relay.link(DRAIN, Duration.ofSeconds(1), a));
            onA.open().pingPong();
        }
        busy.downstream().expectNothingFor(1_500);
        busy.upstream().send("answer");
        busy.downstream().expectBytes("answer");
        busy.pingPong();
    }

    @ConcurrentTest
    void aLinkThatMovesToAnotherPortListensThereBeforeItLeavesTheOld() throws Exception {
        InetSocketAddress refusing = TestRelay.freeAddress();
        InetSocketAddress[] ports = {relay.address, TestRelay.freeAddress()};
        relay.apply(relay.link(KEEP, LONG, refusing));
        for (int i = 1; i <= 20; i++) {
            InetSocketAddress old = ports[(i + 1) % 2];
            InetSocketAddress next = ports[i % 2];
            var applied =
                    relay.relay.apply(LinkTable.of(List.of(TestRelay.link(next.getPort(), KEEP, LONG, refusing))));
            while (isListening(old)) {
                Thread.onSpinWait();
            }
            assertThat(isListening(next)).isTrue();
            TestRelay.await(applied);
        }
    }

    /** Connects to a link whose target refuses. */
    private static boolean isListening(InetSocketAddress address) throws IOException {
        try (Downstream downstream = Downstream.connect(address)) {
            downstream.expectReset();
            return true;
        } catch (ConnectException refused) {
            return false;
        }
    }

    @ConcurrentTest
    void aTakenPortIsAnErrorOfItsLinkAndTheOthersAreApplied() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            relay.apply(relay.link(KEEP, LONG, b), TestRelay.link(taken.getLocalPort(), KEEP, LONG, a));
            onB.open().pingPong();
            var links = relay.links().getJsonArray("links");
            assertThat(links)
                    .extracting(link -> ((JsonObject) link).getString("state"))
                    .containsExactlyInAnyOrder("listening", "error");
            assertThat(relay.links().getBoolean("started")).isTrue();
            assertThat(relay.links().getBoolean("ready")).isFalse();
        }
    }

    @ConcurrentTest
    void aLowerMaxConnectionsClosesNoneAndCountsOpenConnections() throws Exception {
        Pair first = onA.open();
        Pair second = onA.open();
        relay.apply(relay.link(KEEP, LONG, a).toBuilder()
                .maxConnections(OptionalInt.of(1))
                .build());
        relay.wire.connect().expectReset();
        first.pingPong();
        second.pingPong();
    }

    @ConcurrentTest
    void whatALinkCountedAndLearnedSurvivesARetarget() throws Exception {
        onA.open().pingPong();
        relay.apply(relay.link(KEEP, LONG, b, a));
        assertThat(relay.openedTotal()).isOne();
        assertThat(relay.links()
                        .getJsonArray("links")
                        .getJsonObject(0)
                        .getJsonArray("targets")
                        .getJsonObject(1)
                        .getString("lastResult"))
                .isEqualTo("ok");
    }

    @ConcurrentTest
    void theSameTableAgainTouchesNothing() throws Exception {
        Pair pair = onA.open();
        for (int i = 0; i < 100; i++) {
            relay.apply(relay.link(CLOSE, LONG, a));
        }
        pair.pingPong();
        assertThat(relay.<Long>see(LinkSnapshot::retargets)).isZero();
    }
}
