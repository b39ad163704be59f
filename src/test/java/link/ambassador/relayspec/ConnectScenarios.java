package link.ambassador.relayspec;

import java.net.SocketException;
import java.util.List;
import java.util.Optional;

/** The downstream of an upstream that refuses, is late, or never answers. */
final class ConnectScenarios {

    /** The dialer's next SYN comes within 1 s of the first, or 2 s after that. */
    private static final int NEXT_SYN_MILLIS = 2_200;

    private ConnectScenarios() {}

    static List<Scenario> all() {
        return List.of(
                Scenario.ofRelay(
                        "refusedUpstreamIsAResetAndNoCleanEnd",
                        "A downstream that waits for the first bytes sees a reset, not an empty answer.",
                        wire -> wire.connect().expectReset()),
                Scenario.ofRelay(
                        "refusedUpstreamIsAResetAlsoAfterARequest",
                        "A downstream that sent a request and its FIN sees a reset, not an empty answer.",
                        wire -> {
                            Downstream downstream = wire.connect();
                            try {
                                downstream.send("request");
                                downstream.shutdownOutput();
                            } catch (SocketException alreadyReset) {
                                return;
                            }
                            downstream.expectReset();
                        }),
                Scenario.ofRelay(
                        "anUpstreamThatRefusedIsTriedAgainByTheNextConnection",
                        "A refusal affects only its own connection.",
                        wire -> {
                            Downstream refused = wire.connect();
                            Event end = refused.next();
                            if (end.kind() == Event.Kind.BYTES || end.kind() == Event.Kind.NOTHING) {
                                throw new AssertionError("the refused connection saw " + end);
                            }
                            Pair pair = wire.open();
                            pair.downstream().send("again");
                            pair.upstream().expectBytes("again");
                        }),
                Scenario.ofRelay(
                        "bytesSentBeforeTheUpstreamIsConnectedArrive",
                        "A request sent while the relay still dials arrives once it is connected.",
                        wire -> {
                            BlackHole hole = wire.blackHole();
                            Downstream downstream = wire.connect();
                            downstream.send("early");
                            downstream.expectNothingFor(100);
                            hole.open();
                            Upstream upstream = wire.owned(hole.accept());
                            upstream.expectBytes("early");
                            upstream.send("late");
                            downstream.expectBytes("late");
                        }),
                Scenario.ofRelay(
                        "bytesAndFinSentBeforeTheUpstreamIsConnectedArriveInOrder",
                        "A whole request with its FIN may come before the upstream does; it is answered.",
                        wire -> {
                            BlackHole hole = wire.blackHole();
                            Downstream downstream = wire.connect();
                            downstream.send("early");
                            downstream.shutdownOutput();
                            downstream.expectNothingFor(100);
                            hole.open();
                            Upstream upstream = wire.owned(hole.accept());
                            upstream.expectBytes("early");
                            upstream.expectFin();
                            upstream.send("answer");
                            upstream.close();
                            downstream.expectBytes("answer");
                            downstream.expectFin();
                        }),
                Scenario.ofRelay(
                        "aLoneFinSentBeforeTheUpstreamIsConnectedArrives",
                        "Nothing but a FIN before the upstream is connected is still a half-close.",
                        wire -> {
                            BlackHole hole = wire.blackHole();
                            Downstream downstream = wire.connect();
                            downstream.shutdownOutput();
                            downstream.expectNothingFor(100);
                            hole.open();
                            Upstream upstream = wire.owned(hole.accept());
                            upstream.expectFin();
                            upstream.send("answer");
                            downstream.expectBytes("answer");
                        }),
                Scenario.ofRelay(
                        "aDownstreamThatResetsBeforeTheUpstreamIsConnectedLeavesNothingBehind",
                        "The upstream is not dialled any more, or sees its connection end at once.",
                        wire -> {
                            BlackHole hole = wire.blackHole();
                            Downstream downstream = wire.connect();
                            downstream.expectNothingFor(100);
                            downstream.reset();
                            hole.open();
                            Optional<Upstream> late = hole.acceptWithin(NEXT_SYN_MILLIS);
                            if (late.isPresent()) {
                                Event end = wire.owned(late.get()).next();
                                if (end.kind() != Event.Kind.FIN && end.kind() != Event.Kind.RESET) {
                                    throw new AssertionError("upstream saw " + end + " of a downstream that is gone");
                                }
                            }
                        }),
                Scenario.ofRelay(
                        "backPressureHoldsWhileTheUpstreamIsNotConnected",
                        "A flood into a connection that has no upstream yet is blocked, and arrives whole.",
                        wire -> {
                            BlackHole hole = wire.blackHole();
                            Downstream downstream = wire.connect();
                            Stream stream = new Stream(4, 40 * Stream.MIB);
                            Flood flood = Flood.untilBlocked(wire, downstream, stream);
                            hole.open();
                            Upstream upstream = wire.owned(hole.accept());
                            new Stream(4, flood.sent()).expectAt(upstream);
                        }));
    }
}
