package link.ambassador.relayspec;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;

/** Many connections: none gets another's bytes, and none is lost. */
final class ManyScenarios {

    private static final Stream FLOOD = new Stream(13, 64 * Stream.MIB);

    private ManyScenarios() {}

    static List<Scenario> all() {
        return List.of(
                Scenario.of(
                        "shortConnectionsInARowAllGetTheirAnswer",
                        "300 connections, each with a request, an answer and both FINs.",
                        wire -> {
                            for (int i = 0; i < 300; i++) {
                                Pair pair = wire.open();
                                pair.downstream().send("request " + i);
                                pair.downstream().shutdownOutput();
                                pair.upstream().expectBytes("request " + i);
                                pair.upstream().expectFin();
                                pair.upstream().send("answer " + i);
                                pair.upstream().close();
                                pair.downstream().expectBytes("answer " + i);
                                pair.downstream().expectFin();
                            }
                        }),
                Scenario.of(
                        "parallelConnectionsNeverCross",
                        "200 open connections carry streams of their own at once.",
                        wire -> {
                            List<Pair> pairs = new ArrayList<>();
                            for (int i = 0; i < 200; i++) {
                                pairs.add(wire.open());
                            }
                            for (int i = 0; i < pairs.size(); i++) {
                                // Small enough for the kernels, so that one thread can send all, then receive all.
                                new Stream(1_000 + i, 16 * 1024)
                                        .sendFrom(pairs.get(i).downstream());
                                new Stream(2_000 + i, 16 * 1024)
                                        .sendFrom(pairs.get(i).upstream());
                            }
                            for (int i = 0; i < pairs.size(); i++) {
                                new Stream(1_000 + i, 16 * 1024)
                                        .expectAt(pairs.get(i).upstream());
                                new Stream(2_000 + i, 16 * 1024)
                                        .expectAt(pairs.get(i).downstream());
                            }
                        }),
                Scenario.of(
                        "aCrowdThatConnectsAtOnceIsServed",
                        "100 downstreams connect before the upstream accepts any.",
                        wire -> {
                            wire.listen();
                            List<Downstream> downstreams = new ArrayList<>();
                            for (int i = 0; i < 100; i++) {
                                Downstream downstream = wire.connect();
                                downstream.send("hello");
                                downstreams.add(downstream);
                            }
                            Future<Void> echoing = wire.meanwhile(() -> {
                                for (int i = 0; i < 100; i++) {
                                    Upstream upstream = wire.accept();
                                    upstream.expectBytes("hello");
                                    upstream.send("welcome");
                                }
                                return null;
                            });
                            for (Downstream downstream : downstreams) {
                                downstream.expectBytes("welcome");
                            }
                            echoing.get();
                        }),
                Scenario.of(
                        "connectionsWithoutAByteLeaveTheRelayServing",
                        "100 connections open and close without a byte; the next is served.",
                        wire -> {
                            for (int i = 0; i < 100; i++) {
                                Pair pair = wire.open();
                                pair.downstream().close();
                                pair.upstream().expectFin();
                                pair.upstream().close();
                            }
                            OrderScenarios.pingPong(wire.open(), 10);
                        }),
                Scenario.of(
                        "resetsInARowLeaveTheRelayServing",
                        "100 connections are reset by either side; the next is served.",
                        wire -> {
                            for (int i = 0; i < 50; i++) {
                                wire.open().downstream().reset();
                                wire.open().upstream().reset();
                            }
                            OrderScenarios.pingPong(wire.open(), 10);
                        }),
                Scenario.of(
                        "aResetUnderAFloodBehindItsOwnFinDelaysNoOther",
                        "A downstream half-closes, is flooded, reads nothing and resets: others go on at once.",
                        wire -> {
                            Pair other = wire.open();
                            long quickestMillis = Long.MAX_VALUE;
                            // A busy machine delays some rounds; a relay with the fault fails in each.
                            for (int i = 0; i < 3; i++) {
                                Pair pair = wire.open();
                                pair.downstream().shutdownOutput();
                                pair.upstream().expectFin();
                                Flood.untilBlocked(wire, pair.upstream(), FLOOD);
                                pair.downstream().reset();
                                quickestMillis = Math.min(quickestMillis, OrderScenarios.pingPong(other, 20));
                            }
                            if (quickestMillis > 500) {
                                throw new AssertionError("20 round trips took " + quickestMillis + " ms");
                            }
                        }));
    }
}
