package link.ambassador.relay;

import static link.ambassador.config.ExistingConnections.CLOSE;
import static link.ambassador.config.ExistingConnections.DRAIN;
import static link.ambassador.config.ExistingConnections.KEEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import link.ambassador.ConcurrentTest;
import link.ambassador.config.ExistingConnections;
import link.ambassador.config.Link;
import link.ambassador.config.Preflight;
import link.ambassador.config.Sha256;
import link.ambassador.config.Target;
import link.ambassador.relay.proxy.LinkSnapshot;
import link.ambassador.relayspec.Pair;
import link.ambassador.relayspec.Wire;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What {@code /links} says a change of a link's targets did to its connections. */
final class RetargetOutcomeTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private TestRelay relay;
    private InetSocketAddress a;
    private InetSocketAddress b;
    private Wire onA;
    private Wire onB;

    @BeforeEach
    void start() throws IOException {
        relay = TestRelay.start();
        a = relay.target;
        b = TestRelay.freeAddress();
        onA = relay.wire;
        onB = new Wire(relay.address, b);
        onA.listen();
        onB.listen();
    }

    @AfterEach
    void stop() {
        onB.close();
        relay.close();
    }

    @ConcurrentTest
    void aLinkWhoseTargetsNeverChangedHasNone() throws Exception {
        relay.apply(relay.link(CLOSE, MINUTE, a));
        assertThat(relay.links().getJsonArray("links").getJsonObject(0).containsKey("retarget"))
                .isTrue();
        assertThat(retarget()).isNull();
    }

    @ConcurrentTest
    void drainCountsWhatItLeavesToEnd() throws Exception {
        busy(onA);
        busy(onA);
        relay.apply(relay.link(DRAIN, MINUTE, b));
        assertThat(retarget()).isEqualTo(outcome(2, 0, a));
    }

    @ConcurrentTest
    void closeCountsWhatItResets() throws Exception {
        Pair pair = busy(onA);
        busy(onA);
        relay.apply(relay.link(CLOSE, MINUTE, b));
        assertThat(retarget()).isEqualTo(outcome(0, 2, a));
        pair.downstream().expectReset();
    }

    @ConcurrentTest
    void keepCountsNothing() throws Exception {
        busy(onA);
        relay.apply(relay.link(KEEP, MINUTE, b));
        assertThat(retarget()).isEqualTo(outcome(0, 0, a));
    }

    @ConcurrentTest
    void onlyConnectionsWhoseTargetIsLessPreferredCount() throws Exception {
        busy(onA);
        relay.apply(relay.link(CLOSE, MINUTE, a, b));
        assertThat(retarget()).isEqualTo(outcome(0, 0, a));
        relay.apply(relay.link(CLOSE, MINUTE, b, a));
        assertThat(retarget()).isEqualTo(outcome(0, 1, a, b));
    }

    @ConcurrentTest
    void aTableThatIsReadAgainLeavesTheNumbers() throws Exception {
        Pair drained = busy(onA);
        Link moved = relay.link(DRAIN, MINUTE, b);
        relay.apply(moved);
        drained.downstream().reset();
        await().until(relay::open, open -> open == 0);
        relay.apply(moved);
        relay.apply(moved.toBuilder().connectTimeout(MINUTE).build());
        assertThat(retarget()).isEqualTo(outcome(1, 0, a));
    }

    @ConcurrentTest
    void anEditOfOneLinkLeavesTheNumbersOfTheOther() throws Exception {
        busy(onA);
        Link other = TestRelay.link(TestRelay.freeAddress().getPort(), DRAIN, MINUTE, a);
        relay.apply(relay.link(DRAIN, MINUTE, b), other);
        relay.apply(
                relay.link(DRAIN, MINUTE, b),
                other.toBuilder().targets(List.of(target(b))).build());
        assertThat(retarget(relay.address.getPort())).isEqualTo(outcome(1, 0, a));
        assertThat(retarget(other.listen())).isEqualTo(outcome(0, 0, a));
    }

    @ConcurrentTest
    void whatDrainsAlreadyDoesNotCountAgain() throws Exception {
        InetSocketAddress c = TestRelay.freeAddress();
        busy(onA);
        relay.apply(relay.link(DRAIN, MINUTE, b));
        busy(onB);
        relay.apply(relay.link(DRAIN, MINUTE, c));
        assertThat(retarget()).isEqualTo(outcome(1, 0, b));
        relay.apply(relay.link(CLOSE, MINUTE, a));
        assertThat(retarget()).as("spared, and reset").isEqualTo(outcome(0, 1, c));
    }

    @ConcurrentTest
    void whatWasSparedCountsWhenItDrainsAgain() throws Exception {
        busy(onA);
        relay.apply(relay.link(DRAIN, MINUTE, b));
        relay.apply(relay.link(DRAIN, MINUTE, a));
        assertThat(retarget()).isEqualTo(outcome(0, 0, b));
        relay.apply(relay.link(DRAIN, MINUTE, b));
        assertThat(retarget()).isEqualTo(outcome(1, 0, a));
    }

    @ConcurrentTest
    void aLinkThatComesBackCountsWhatItHasNow() throws Exception {
        busy(onA);
        Link other = TestRelay.link(TestRelay.freeAddress().getPort(), DRAIN, MINUTE, a);
        relay.apply(other);
        relay.apply(other, relay.link(CLOSE, MINUTE, b));
        assertThat(retarget(relay.address.getPort())).isEqualTo(outcome(0, 1, a));
    }

    @ConcurrentTest
    void targetsThatAPreflightKeepsCountNothingUntilTheyGo() throws Exception {
        Pair pair = busy(onA);
        onB.close();
        relay.apply(dialled(CLOSE));
        await().until(() -> link(relay.address.getPort())
                .getJsonObject("preflight")
                .getString("state")
                .equals("unreachable"));
        assertThat(retarget()).isNull();

        onB = new Wire(relay.address, b);
        onB.listen();
        await().until(() -> relay.<Long>see(LinkSnapshot::retargets) == 1);
        assertThat(retarget()).isEqualTo(outcome(0, 1, a));
        pair.downstream().expectReset();
    }

    private Link dialled(ExistingConnections policy) {
        return relay.link(policy, MINUTE, b).toBuilder()
                .preflight(Optional.of(Preflight.ofOwnTargets(Preflight.DEFAULT_TIMEOUT)))
                .build();
    }

    /** A connection whose downstream waits for an answer, so that a drain leaves it open for a while. */
    private static Pair busy(Wire wire) throws IOException {
        Pair pair = wire.open();
        pair.pingPong();
        pair.downstream().send("slow query");
        pair.upstream().expectBytes("slow query");
        return pair;
    }

    private JsonObject retarget() {
        return retarget(relay.address.getPort());
    }

    private JsonObject retarget(int listen) {
        return link(listen).getJsonObject("retarget");
    }

    private JsonObject link(int listen) {
        return relay.links().getJsonArray("links").stream()
                .map(link -> (JsonObject) link)
                .filter(link -> link.getInteger("listen") == listen)
                .findFirst()
                .orElseThrow();
    }

    private static JsonObject outcome(int drained, int reset, InetSocketAddress... from) {
        return new JsonObject()
                .put(
                        "from",
                        Sha256.of(List.of(from).stream()
                                .map(RetargetOutcomeTest::target)
                                .toList()))
                .put("drained", drained)
                .put("reset", reset);
    }

    private static Target target(InetSocketAddress address) {
        return new Target(address.getAddress().getHostAddress(), address.getPort());
    }
}
