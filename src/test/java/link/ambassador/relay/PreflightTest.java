package link.ambassador.relay;

import static link.ambassador.config.ExistingConnections.CLOSE;
import static link.ambassador.config.ExistingConnections.DRAIN;
import static link.ambassador.config.ExistingConnections.KEEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import link.ambassador.ConcurrentTest;
import link.ambassador.config.Candidate;
import link.ambassador.config.ExistingConnections;
import link.ambassador.config.Hold;
import link.ambassador.config.Link;
import link.ambassador.config.Preflight;
import link.ambassador.config.Target;
import link.ambassador.config.UpstreamProxyProtocol;
import link.ambassador.config.UpstreamProxyProtocol.Version;
import link.ambassador.relay.dial.DialResult;
import link.ambassador.relay.join.CloseReason;
import link.ambassador.relay.proxy.LinkSnapshot;
import link.ambassador.relayspec.Downstream;
import link.ambassador.relayspec.Pair;
import link.ambassador.relayspec.Wire;

/** A link with a preflight: its new first target is dialled before connections go there. */
final class PreflightTest extends BeforeTwoTargets {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @ConcurrentTest
    void theLinkGetsItsNewTargetWhenThatAnswers() throws Exception {
        onB.listen();
        relay.apply(tried(b));
        awaitServed(b);
        assertThat(preflight().getMap())
                .containsEntry("state", "reachable")
                .containsEntry("port", b.getPort())
                .containsEntry("error", null)
                .containsEntry("dials", 1L);
    }

    /** The downstream waits already, so that it comes in time on a busy machine too. */
    @ConcurrentTest
    void theConnectionThatWasDialledServesTheNextDownstream() throws Exception {
        onB.listen();
        relay.apply(held(relay.link(DRAIN, MINUTE, relay.target)));
        Downstream downstream = onA.connect();
        await().until(relay::held, held -> held == 1);
        relay.apply(tried(b));
        new Pair(downstream, onB.accept()).pingPong();
        assertThat(relay.dials(DialResult.OK)).isOne();
        assertThat(openOn(b)).isOne();
        onB.open().pingPong();
    }

    @ConcurrentTest
    void aTargetThatDoesNotAnswerLeavesTheLinkAsItWas() throws Exception {
        Pair before = onA.open();
        before.pingPong();
        relay.apply(tried(CLOSE, b));
        await().until(() -> preflight().getString("state"), "unreachable"::equals);
        assertThat(preflight().getString("error")).contains("127.0.0.1:" + b.getPort(), "refused");
        assertThat(relay.see(LinkSnapshot::retargets)).isZero();
        before.pingPong();
        onA.open().pingPong();
        assertThat(servedTargets()).containsExactly(target(relay.target));
        assertThat(relay.dials(DialResult.REFUSED)).isZero();
    }

    @ConcurrentTest
    void theFormerTargetGetsNoHeaderThatIsForTheNewOne() throws Exception {
        relay.apply(tried(b).toBuilder()
                .upstreamProxyProtocol(Optional.of(new UpstreamProxyProtocol(Version.V2, Set.of())))
                .build());
        await().until(() -> preflight().getString("state"), "unreachable"::equals);
        onA.open().pingPong();
    }

    @ConcurrentTest
    void aTargetThatIsSilentIsUnreachableAfterTheTimeout() throws Exception {
        onB.blackHole();
        relay.apply(with(Preflight.ofOwnTargets(Duration.ofMillis(200)), DRAIN, b));
        await().until(() -> preflight().getString("state"), "unreachable"::equals);
        assertThat(preflight().getString("error")).contains("no connection within 200 ms");
        onA.open().pingPong();
    }

    @ConcurrentTest
    void aNameThatDoesNotExistLeavesTheLinkAsItWas() throws Exception {
        relay.apply(relay.link(DRAIN, MINUTE, relay.target).toBuilder()
                .targets(List.of(new Target("typo.invalid", 5432)))
                .preflight(Optional.of(Preflight.ofOwnTargets(Preflight.DEFAULT_TIMEOUT)))
                .build());
        await().until(() -> preflight().getString("state"), "unreachable"::equals);
        assertThat(preflight().getString("error")).contains("typo.invalid:5432");
        onA.open().pingPong();
    }

    @ConcurrentTest
    void theTargetIsDialledAgainUntilItAnswers() throws Exception {
        Pair before = onA.open();
        before.pingPong();
        relay.apply(tried(CLOSE, b));
        await().until(() -> preflight().getString("state"), "unreachable"::equals);
        onB.listen();
        awaitServed(b);
        before.downstream().expectReset();
        assertThat(relay.closed(CloseReason.RETARGETED)).isOne();
        onB.open().pingPong();
    }

    @ConcurrentTest
    void aConnectionThatNobodyTakesEndsWithAFin() throws Exception {
        onB.listen();
        relay.apply(tried(b));
        onB.accept().expectFin();
        onB.open().pingPong();
    }

    @ConcurrentTest
    void whatAServerSaysFirstWaitsForTheDownstream() throws Exception {
        try (ServerSocket server = new ServerSocket(b.getPort(), 50, b.getAddress());
                Socket dialled = connectionOfThePreflight(server)) {
            greet(dialled);
            awaitServed(b);
            Downstream downstream = onA.connect();
            await().until(() -> openOn(b), open -> open == 1);
            server.setSoTimeout(200);
            try (Socket another = server.accept()) {
                // The machine is so busy that the relay has closed the first one.
                greet(another);
                downstream.expectBytes("greeting");
            } catch (SocketTimeoutException none) {
                downstream.expectBytes("greeting");
            }
        }
    }

    private Socket connectionOfThePreflight(ServerSocket server) throws IOException {
        relay.apply(tried(b));
        return server.accept();
    }

    private static void greet(Socket socket) throws IOException {
        socket.getOutputStream().write("greeting".getBytes(StandardCharsets.US_ASCII));
    }

    @ConcurrentTest
    void aConnectionThatTheTargetHasEndedServesNobody() throws Exception {
        onB.listen();
        relay.apply(tried(b));
        onB.accept().shutdownOutput();
        awaitServed(b);
        Downstream downstream = onA.connect();
        downstream.send("question");
        onB.accept().expectBytes("question");
    }

    @ConcurrentTest
    void aConnectionThatTheTargetHasResetServesNobody() throws Exception {
        onB.listen();
        relay.apply(tried(b));
        onB.accept().reset();
        awaitServed(b);
        Downstream downstream = onA.connect();
        downstream.send("question");
        onB.accept().expectBytes("question");
    }

    @ConcurrentTest
    void onlyAnotherFirstTargetIsDialled() throws Exception {
        onB.listen();
        relay.apply(tried(relay.target, b));
        assertThat(servedTargets()).containsExactly(target(relay.target), target(b));
        assertThat(preflight()).isNull();
        onA.open().pingPong();
    }

    @ConcurrentTest
    void aLaterEditCountsAlone() throws Exception {
        InetSocketAddress c = TestRelay.freeAddress();
        try (Wire onC = new Wire(relay.address, c)) {
            onB.blackHole();
            onC.listen();
            relay.apply(tried(b));
            relay.apply(tried(c));
            awaitServed(c);
            onC.accept();
            assertThat(preflight().getInteger("port")).isEqualTo(c.getPort());
            assertThat(relay.see(LinkSnapshot::retargets)).isOne();
        }
    }

    @ConcurrentTest
    void anEditBackToTheFormerTargetEndsIt() throws Exception {
        relay.apply(tried(b));
        await().until(() -> preflight().getString("state"), "unreachable"::equals);
        relay.apply(tried(relay.target));
        assertThat(preflight()).isNull();
        assertThat(relay.see(LinkSnapshot::retargets)).isZero();
        onA.open().pingPong();
    }

    @ConcurrentTest
    void anEditWithoutPreflightWinsAtOnce() throws Exception {
        relay.apply(tried(b));
        await().until(() -> preflight().getString("state"), "unreachable"::equals);
        relay.apply(relay.link(DRAIN, MINUTE, b));
        assertThat(servedTargets()).containsExactly(target(b));
        assertThat(preflight()).isNull();
        onA.connect().expectReset();
    }

    @ConcurrentTest
    void theSameTableAgainDialsNoMoreThanBefore() throws Exception {
        onB.blackHole();
        Link silent = with(Preflight.ofOwnTargets(MINUTE), DRAIN, b);
        relay.apply(silent);
        relay.apply(silent.toBuilder().maxConnections(OptionalInt.of(1)).build());
        assertThat(preflight().getMap()).containsEntry("state", "dialling").containsEntry("dials", 1L);
        // Whatever else the table says counts at once.
        onA.open().pingPong();
        onA.connect().expectReset();
        assertThat(relay.closed(CloseReason.MAX_CONNECTIONS)).isOne();
    }

    @ConcurrentTest
    void aHoldBeginsAtOnce() throws Exception {
        relay.apply(held(tried(b)));
        Downstream downstream = onA.connect();
        downstream.send("early");
        await().until(relay::held, held -> held == 1);
        await().until(() -> preflight().getString("state"), "unreachable"::equals);
        onB.listen();
        awaitServed(b);
        assertThat(relay.held()).isOne();
        assertThat(relay.dialsTotal()).isZero();
        relay.apply(tried(b));
        await().until(() -> relay.dials(DialResult.OK), dials -> dials == 1);
    }

    @ConcurrentTest
    void aHoldEndsWhenTheNewTargetAnswers() throws Exception {
        Hold hold = Hold.of(Instant.now(), MINUTE);
        relay.apply(relay.link(DRAIN, MINUTE, relay.target).toBuilder()
                .hold(Optional.of(hold))
                .build());
        Downstream downstream = onA.connect();
        downstream.send("early");
        await().until(relay::held, held -> held == 1);
        relay.apply(tried(b));
        await().until(() -> preflight().getString("state"), "unreachable"::equals);
        assertThat(relay.held()).isOne();
        assertThat(relay.dialsTotal()).isZero();
        onB.listen();
        onB.accept().expectBytes("early");
        assertThat(relay.hold().getString("state")).isEqualTo("removed");
    }

    @ConcurrentTest
    void aHoldEndsAtItsOwnTimeAlsoWhenTheNewTargetIsSilent() throws Exception {
        relay.apply(relay.link(DRAIN, MINUTE, relay.target).toBuilder()
                .hold(Optional.of(Hold.of(Instant.now(), Duration.ofSeconds(2))))
                .build());
        onA.connect().send("early");
        await().until(relay::held, held -> held == 1);
        relay.apply(tried(b));
        onA.accept().expectBytes("early");
        assertThat(relay.hold().getString("state")).isEqualTo("expired");
    }

    @ConcurrentTest
    void aCandidateIsDialledAndChangesNothing() throws Exception {
        onB.listen();
        Pair before = onA.open();
        relay.apply(with(candidate(b), CLOSE, relay.target));
        onB.accept();
        await().until(() -> preflight().getString("state"), "reachable"::equals);
        assertThat(servedTargets()).containsExactly(target(relay.target));
        before.pingPong();
        onA.open().pingPong();
    }

    @ConcurrentTest
    void aCandidateThatDoesNotAnswerIsDialledAgain() throws Exception {
        relay.apply(with(candidate(b), DRAIN, relay.target));
        await().until(() -> preflight().getString("state"), "unreachable"::equals);
        onB.listen();
        await().until(() -> preflight().getString("state"), "reachable"::equals);
        assertThat(preflight().getLong("dials")).isGreaterThan(1);
        onA.open().pingPong();
    }

    @ConcurrentTest
    void aLinkThatLeavesTheTableIsDialledForNoLonger() throws Exception {
        relay.apply(tried(b));
        await().until(() -> preflight().getString("state"), "unreachable"::equals);
        relay.apply();
        relay.apply(tried(b));
        // It has no listener that could keep the former target.
        assertThat(servedTargets()).containsExactly(target(b));
        assertThat(preflight()).isNull();
    }

    @ConcurrentTest
    void aShutdownEndsIt() throws Exception {
        try (TestRelay shuttingDown = TestRelay.start(
                Map.of("AMBASSADOR_SHUTDOWN_DELAY", "2s", "AMBASSADOR_GRACE_PERIOD", "10s"), link -> link)) {
            shuttingDown.wire.listen();
            shuttingDown.apply(tried(shuttingDown, b));
            await().until(() -> preflight(shuttingDown).getString("state"), "unreachable"::equals);
            Future<Void> gone = shuttingDown.relay.shutdown();
            assertThat(preflight(shuttingDown)).isNull();
            onB.listen();
            shuttingDown.wire.open().pingPong();
            TestRelay.await(gone);
        }
    }

    private JsonObject preflight() {
        return preflight(relay);
    }

    private static JsonObject preflight(TestRelay relay) {
        return relay.links().getJsonArray("links").getJsonObject(0).getJsonObject("preflight");
    }

    private List<Target> servedTargets() {
        return relay.see(link -> link.link().targets());
    }

    private int openOn(InetSocketAddress address) {
        return relay.see(link -> link.openByTarget().getOrDefault(target(address), 0));
    }

    private void awaitServed(InetSocketAddress... addresses) {
        List<Target> wanted =
                List.of(addresses).stream().map(PreflightTest::target).toList();
        await().until(this::servedTargets, wanted::equals);
    }

    private static Target target(InetSocketAddress address) {
        return new Target(address.getAddress().getHostAddress(), address.getPort());
    }

    private static Preflight candidate(InetSocketAddress address) {
        return new Preflight(
                Preflight.DEFAULT_TIMEOUT,
                Optional.of(new Candidate(List.of(target(address)), Optional.empty(), Optional.empty())));
    }

    private static Link held(Link link) {
        return link.toBuilder()
                .hold(Optional.of(Hold.of(Instant.now(), MINUTE)))
                .build();
    }

    private Link tried(InetSocketAddress... targets) {
        return tried(DRAIN, targets);
    }

    private static Link tried(TestRelay relay, InetSocketAddress target) {
        return relay.link(KEEP, MINUTE, target).toBuilder()
                .preflight(Optional.of(Preflight.ofOwnTargets(Preflight.DEFAULT_TIMEOUT)))
                .build();
    }

    private Link tried(ExistingConnections policy, InetSocketAddress... targets) {
        return with(Preflight.ofOwnTargets(Preflight.DEFAULT_TIMEOUT), policy, targets);
    }

    private Link with(Preflight preflight, ExistingConnections policy, InetSocketAddress... targets) {
        return relay.link(policy, MINUTE, targets).toBuilder()
                .preflight(Optional.of(preflight))
                .build();
    }
}
