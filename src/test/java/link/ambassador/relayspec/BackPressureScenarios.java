package link.ambassador.relayspec;

import java.util.List;
import java.util.concurrent.Future;

/** A peer that does not read stops its sender and no other, and nothing is lost meanwhile. */
final class BackPressureScenarios {

    private static final Stream ENDLESS = new Stream(8, 64 * Stream.MIB);
    private static final int SMALL_BUFFER = 4 * 1024;

    private BackPressureScenarios() {}

    static List<Scenario> all() {
        return List.of(
                Scenario.of(
                        "anUpstreamThatDoesNotReadBlocksTheDownstream",
                        "The downstream can send a bounded amount only.",
                        wire -> {
                            Pair pair = wire.open();
                            blockAndRelease(wire, pair.downstream(), pair.upstream());
                        }),
                Scenario.of(
                        "aDownstreamThatDoesNotReadBlocksTheUpstream",
                        "The upstream can send a bounded amount only.",
                        wire -> {
                            Pair pair = wire.open();
                            blockAndRelease(wire, pair.upstream(), pair.downstream());
                        }),
                Scenario.of(
                        "backPressureReachesTheUpstreamAlsoAfterTheDownstreamsFin",
                        "A half-closed downstream that does not read still bounds what is sent to it.",
                        wire -> {
                            Pair pair = wire.open();
                            pair.downstream().shutdownOutput();
                            pair.upstream().expectFin();
                            blockAndRelease(wire, pair.upstream(), pair.downstream());
                        }),
                Scenario.of(
                        "aStuckDirectionLeavesTheOtherAlone",
                        "The upstream does not read, and its own bytes still come down.",
                        wire -> {
                            Pair pair = wire.open();
                            Flood.untilBlocked(wire, pair.downstream(), ENDLESS);
                            Stream other = new Stream(9, 4 * Stream.MIB);
                            Future<Void> sending = other.sendingFrom(pair.upstream(), wire);
                            other.expectAt(pair.downstream());
                            sending.get();
                        }),
                Scenario.of(
                        "finBehindBackPressureWaitsForItsBytesGoingUp",
                        "FIN while the relay does not read: the upstream gets every byte, then the FIN, and answers.",
                        wire -> {
                            Pair pair = wire.open();
                            Stream stream = nearlyBlocking(wire, true);
                            finBehindBytes(wire, stream, pair.downstream(), pair.upstream());
                        }),
                Scenario.of("finBehindBackPressureWaitsForItsBytesComingDown", "The same from the upstream.", wire -> {
                    Pair pair = wire.open();
                    Stream stream = nearlyBlocking(wire, false);
                    finBehindBytes(wire, stream, pair.upstream(), pair.downstream());
                }),
                Scenario.of(
                        "lastBytesReachASlowDownstreamAfterTheUpstreamIsGone",
                        "The upstream sends 1 MiB and closes; a downstream with a small buffer reads all of it, then the FIN.",
                        wire -> {
                            Pair pair = wire.open(SMALL_BUFFER);
                            lastBytes(wire, pair.upstream(), pair.downstream());
                        }),
                Scenario.of(
                        "lastBytesReachASlowUpstreamAfterTheDownstreamIsGone",
                        "The downstream sends 1 MiB and closes; an upstream with a small buffer reads all of it, then the FIN.",
                        wire -> {
                            Pair pair = wire.open(SMALL_BUFFER);
                            lastBytes(wire, pair.downstream(), pair.upstream());
                        }),
                Scenario.of(
                        "aStuckPairSlowsNoOther",
                        "While 8 pairs are stuck, another makes 500 round trips in 2 s and moves 8 MiB.",
                        wire -> {
                            for (int i = 0; i < 8; i++) {
                                Flood.untilBlocked(wire, wire.open().downstream(), ENDLESS);
                            }
                            Pair pair = wire.open();
                            long millis = OrderScenarios.pingPong(pair, 500);
                            if (millis > 2_000) {
                                throw new AssertionError("500 round trips took " + millis + " ms");
                            }
                            Stream stream = new Stream(11, 8 * Stream.MIB);
                            Future<Void> sending = stream.sendingFrom(pair.downstream(), wire);
                            stream.expectAt(pair.upstream());
                            sending.get();
                        }));
    }

    private static void blockAndRelease(Wire wire, Peer from, Peer to) throws Exception {
        Flood flood = Flood.untilBlocked(wire, from, ENDLESS);
        // More than was taken before, so the sender must continue.
        new Stream(ENDLESS.seed(), flood.sent() + 8 * Stream.MIB).expectAt(to);
    }

    /** Fewer bytes than block a sender, so that they and the FIN behind them are sent while the relay does not read. */
    private static Stream nearlyBlocking(Wire wire, boolean up) throws Exception {
        Pair probe = wire.open();
        Flood flood = Flood.untilBlocked(wire, up ? probe.downstream() : probe.upstream(), ENDLESS);
        probe.downstream().reset();
        probe.upstream().reset();
        return new Stream(10, flood.sent());
    }

    private static void finBehindBytes(Wire wire, Stream stream, Peer from, Peer to) throws Exception {
        Future<Void> sending = wire.meanwhile(() -> {
            stream.sendFrom(from);
            from.shutdownOutput();
            return null;
        });
        // Lets the FIN arrive while nothing moves. If it comes later, the fact is only easier.
        from.expectNothingFor(300);
        stream.expectAt(to);
        to.expectFin();
        sending.get();
        to.send("answer");
        from.expectBytes("answer");
    }

    private static void lastBytes(Wire wire, Peer from, Peer to) throws Exception {
        Stream stream = new Stream(12, Stream.MIB);
        Future<Void> sending = wire.meanwhile(() -> {
            stream.sendFrom(from);
            from.close();
            return null;
        });
        to.awaitUnread(1);
        stream.expectInPiecesAt(to, 1_000);
        to.expectFin();
        sending.get();
    }
}
