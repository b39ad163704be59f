package link.ambassador.relayspec;

import java.util.List;
import java.util.concurrent.Future;

/** FIN stays FIN: one direction ends, behind its bytes, and the other goes on. */
final class HalfCloseScenarios {

    /** Longer than the known half-close timers of relays (100 ms, 500 ms, 1 s). */
    private static final int LONG_MILLIS = 1_500;

    private static final Stream BULK = new Stream(1, 8 * Stream.MIB);

    private HalfCloseScenarios() {}

    static List<Scenario> all() {
        return List.of(
                Scenario.of(
                        "halfCloseFromDownstreamReachesTheUpstreamAndTheAnswerStillArrives",
                        "A request ended by FIN is answered, and the answer arrives whole.",
                        wire -> {
                            Pair pair = wire.open();
                            halfClose(pair.downstream(), pair.upstream());
                        }),
                Scenario.of(
                        "halfCloseFromUpstreamReachesTheDownstreamAndBytesStillFlowUp",
                        "After the upstream's FIN the downstream may still send.",
                        wire -> {
                            Pair pair = wire.open();
                            halfClose(pair.upstream(), pair.downstream());
                        }),
                Scenario.of(
                        "finWithoutAnyByteFromDownstreamIsPassedOnAtOnce",
                        "A FIN as the first thing on the connection reaches the upstream; its answer arrives.",
                        wire -> {
                            Pair pair = wire.open();
                            emptyHalfClose(pair.downstream(), pair.upstream());
                        }),
                Scenario.of("finWithoutAnyByteFromUpstreamIsPassedOnAtOnce", "The same from the upstream.", wire -> {
                    Pair pair = wire.open();
                    emptyHalfClose(pair.upstream(), pair.downstream());
                }),
                Scenario.of(
                        "bothSidesMayEndAtOnce",
                        "Crossing FINs end both sides cleanly, with the bytes before them.",
                        wire -> {
                            Pair pair = wire.open();
                            pair.downstream().send("down");
                            pair.upstream().send("up");
                            pair.downstream().shutdownOutput();
                            pair.upstream().shutdownOutput();
                            pair.upstream().expectBytes("down");
                            pair.upstream().expectFin();
                            pair.downstream().expectBytes("up");
                            pair.downstream().expectFin();
                        }),
                Scenario.of(
                        "bytesAndFinAtOnceAreNeverSeparated",
                        "Bytes with a FIN right behind them arrive before it, on each of 50 connections.",
                        wire -> {
                            for (int i = 0; i < 50; i++) {
                                Pair pair = wire.open();
                                halfClose(pair.downstream(), pair.upstream());
                            }
                        }),
                Scenario.of(
                        "halfCloseFromDownstreamLivesOnWithoutBytes",
                        "An answer that takes its time after the FIN still arrives.",
                        wire -> {
                            Pair pair = wire.open();
                            longHalfClose(pair.downstream(), pair.upstream());
                        }),
                Scenario.of("halfCloseFromUpstreamLivesOnWithoutBytes", "The same after the upstream's FIN.", wire -> {
                    Pair pair = wire.open();
                    longHalfClose(pair.upstream(), pair.downstream());
                }),
                Scenario.of(
                        "halfClosedFromDownstreamCarriesABulkAnswer",
                        "8 MiB come back after the FIN, byte-exact, and then a FIN.",
                        wire -> {
                            Pair pair = wire.open();
                            bulkAfterFin(wire, pair.downstream(), pair.upstream());
                        }),
                Scenario.of(
                        "halfClosedFromUpstreamCarriesBulkUp",
                        "8 MiB go up after the upstream's FIN, byte-exact, and then a FIN.",
                        wire -> {
                            Pair pair = wire.open();
                            bulkAfterFin(wire, pair.upstream(), pair.downstream());
                        }),
                Scenario.of(
                        "silenceEndsNothing",
                        "A connection without bytes stays open, and then carries bytes.",
                        wire -> {
                            Pair pair = wire.open();
                            pair.downstream().expectNothingFor(LONG_MILLIS);
                            pair.upstream().expectNothingFor(50);
                            pair.downstream().send("still");
                            pair.upstream().expectBytes("still");
                            pair.upstream().send("there");
                            pair.downstream().expectBytes("there");
                        }));
    }

    private static void halfClose(Peer first, Peer second) throws Exception {
        first.send("request");
        first.shutdownOutput();
        second.expectBytes("request");
        second.expectFin();
        second.send("answer");
        first.expectBytes("answer");
        second.shutdownOutput();
        first.expectFin();
    }

    private static void emptyHalfClose(Peer first, Peer second) throws Exception {
        first.shutdownOutput();
        second.expectFin();
        second.send("answer");
        second.close();
        first.expectBytes("answer");
        first.expectFin();
    }

    private static void longHalfClose(Peer first, Peer second) throws Exception {
        first.send("request");
        first.shutdownOutput();
        second.expectBytes("request");
        second.expectFin();
        first.expectNothingFor(LONG_MILLIS);
        second.send("answer");
        first.expectBytes("answer");
        second.close();
        first.expectFin();
    }

    private static void bulkAfterFin(Wire wire, Peer first, Peer second) throws Exception {
        first.shutdownOutput();
        second.expectFin();
        Future<Void> sending = BULK.sendingFrom(second, wire);
        BULK.expectAt(first);
        sending.get();
        second.close();
        first.expectFin();
    }
}
