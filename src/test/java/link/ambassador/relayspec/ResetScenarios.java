package link.ambassador.relayspec;

import java.util.List;
import java.util.concurrent.Future;

/** RST stays RST: a connection that was reset never looks like one that ended. */
final class ResetScenarios {

    private static final Stream ENDLESS = new Stream(2, 64 * Stream.MIB);
    private static final Stream SOME = new Stream(3, 64 * 1024);

    private static final String RESET_BEHIND_THE_HANDSHAKE =
            "a reset that arrives before the loop has seen the connect succeed makes the connect fail: the kernel"
                    + " reports it as the outcome of the connect, and the channel is closed with its bytes unread";

    private ResetScenarios() {}

    static List<Scenario> all() {
        return List.of(
                both(
                        "resetFromTheDownstreamReachesTheUpstream",
                        "A reset of an idle connection is a reset upstream.",
                        true,
                        (w, a, b) -> {
                            a.reset();
                            b.expectReset();
                        }),
                both(
                        "resetFromTheUpstreamReachesTheDownstream",
                        "A reset of an idle connection is a reset downstream.",
                        false,
                        (w, a, b) -> {
                            a.reset();
                            b.expectReset();
                        }),
                both(
                        "resetFromTheDownstreamReachesTheUpstreamAfterTheBytesBeforeIt",
                        "Bytes, then at once a reset: the upstream gets the bytes and then the reset.",
                        true,
                        ResetScenarios::bytesThenReset),
                both(
                                "resetFromTheUpstreamReachesTheDownstreamAfterTheBytesBeforeIt",
                                "Bytes, then at once a reset: the downstream gets the bytes and then the reset.",
                                false,
                                ResetScenarios::bytesThenReset)
                        .knownDifference("ambassador, nio", RESET_BEHIND_THE_HANDSHAKE),
                both(
                        "bytesThatArrivedBeforeADownstreamResetAreNotTakenBack",
                        "64 KiB that lie unread at the upstream outlive the downstream's reset.",
                        true,
                        ResetScenarios::deliveredThenReset),
                both(
                        "bytesThatArrivedBeforeAnUpstreamResetAreNotTakenBack",
                        "64 KiB that lie unread at the downstream outlive the upstream's reset.",
                        false,
                        ResetScenarios::deliveredThenReset),
                both(
                        "resetFromTheDownstreamStopsAnUpstreamThatIsSending",
                        "In the middle of a bulk answer the downstream resets: the upstream's sending fails.",
                        true,
                        ResetScenarios::resetWhileReceivingBulk),
                both(
                        "resetFromTheUpstreamStopsADownstreamThatIsSending",
                        "In the middle of an upload the upstream resets: the downstream's sending fails.",
                        false,
                        ResetScenarios::resetWhileReceivingBulk),
                both(
                        "resetFromTheUpstreamAfterTheDownstreamsFinIsAReset",
                        "A half-closed downstream that waits for its answer sees the upstream's reset.",
                        false,
                        ResetScenarios::resetInsteadOfAnswer),
                both(
                        "resetFromTheDownstreamAfterTheUpstreamsFinIsAReset",
                        "A half-closed upstream that still listens sees the downstream's reset.",
                        true,
                        ResetScenarios::resetInsteadOfAnswer),
                both(
                        "resetAfterItsOwnFinStopsTheAnswer",
                        "A downstream ends its request and then resets: the upstream's sending fails.",
                        true,
                        (wire, downstream, upstream) -> {
                            downstream.shutdownOutput();
                            upstream.expectFin();
                            downstream.reset();
                            upstream.expectSendingToFail();
                        }),
                both(
                        "resetFromTheDownstreamBehindAFullWindowIsNoCleanEnd",
                        "The upstream does not read, the downstream floods and resets: right bytes, then a reset.",
                        true,
                        ResetScenarios::resetBehindFullWindow),
                both(
                        "resetFromTheUpstreamBehindAFullWindowIsNoCleanEnd",
                        "The downstream does not read, the upstream floods and resets: right bytes, then a reset.",
                        false,
                        ResetScenarios::resetBehindFullWindow));
    }

    /** A fact about the side that resets the connection, and the other side. */
    @FunctionalInterface
    private interface Break {
        void run(Wire wire, Peer breaker, Peer other) throws Exception;
    }

    private static Scenario both(String name, String fact, boolean fromDownstream, Break body) {
        return Scenario.of(name, fact, wire -> {
            Pair pair = wire.open();
            if (fromDownstream) {
                body.run(wire, pair.downstream(), pair.upstream());
            } else {
                body.run(wire, pair.upstream(), pair.downstream());
            }
        });
    }

    private static void bytesThenReset(Wire wire, Peer breaker, Peer other) throws Exception {
        breaker.send("the last words");
        breaker.reset();
        other.expectBytes("the last words");
        other.expectReset();
    }

    private static void deliveredThenReset(Wire wire, Peer breaker, Peer other) throws Exception {
        SOME.sendFrom(breaker);
        other.awaitUnread((int) SOME.length());
        breaker.reset();
        SOME.expectAt(other);
        other.expectReset();
    }

    private static void resetWhileReceivingBulk(Wire wire, Peer breaker, Peer other) throws Exception {
        Future<Void> breaking = wire.meanwhile(() -> {
            breaker.expectBytes(new byte[(int) Stream.MIB]); // some of the zeros that the other side keeps sending
            breaker.reset();
            return null;
        });
        other.expectSendingToFail();
        breaking.get();
    }

    private static void resetInsteadOfAnswer(Wire wire, Peer breaker, Peer other) throws Exception {
        other.send("request");
        other.shutdownOutput();
        breaker.expectBytes("request");
        breaker.expectFin();
        breaker.reset();
        other.expectReset();
    }

    private static void resetBehindFullWindow(Wire wire, Peer breaker, Peer other) throws Exception {
        Flood.untilBlocked(wire, breaker, ENDLESS);
        breaker.reset();
        Event end = ENDLESS.expectPrefixAt(other);
        if (end.kind() != Event.Kind.RESET) {
            throw new AssertionError("after the bytes came " + end + " instead of " + Event.Kind.RESET.words());
        }
    }
}
