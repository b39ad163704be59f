package link.ambassador.relayspec;

import java.util.List;
import java.util.concurrent.Future;

/** Every byte, in order, and no other. */
final class OrderScenarios {

    private static final Stream UP = new Stream(5, 32 * Stream.MIB);
    private static final Stream DOWN = new Stream(6, 32 * Stream.MIB);

    private OrderScenarios() {}

    static List<Scenario> all() {
        return List.of(
                Scenario.of(
                        "anUpstreamMaySendFirst",
                        "A greeting arrives before the downstream has sent anything.",
                        wire -> {
                            Pair pair = wire.open();
                            pair.upstream().send("220 ready");
                            pair.downstream().expectBytes("220 ready");
                        }),
                Scenario.of(
                        "theRelayAddsNothingToTheStream", "If neither side sends, neither receives anything.", wire -> {
                            Pair pair = wire.open();
                            pair.upstream().expectNothingFor(150);
                            pair.downstream().expectNothingFor(150);
                            pair.downstream().send("x");
                            pair.upstream().expectBytes("x");
                            pair.upstream().expectNothingFor(100);
                            pair.downstream().expectNothingFor(50);
                        }),
                Scenario.of("everyByteValuePassesBothWays", "The relay passes on every byte value unchanged.", wire -> {
                    Pair pair = wire.open();
                    byte[] every = new byte[256];
                    for (int i = 0; i < every.length; i++) {
                        every[i] = (byte) i;
                    }
                    pair.downstream().send(every);
                    pair.upstream().expectBytes(every);
                    pair.upstream().send(every);
                    pair.downstream().expectBytes(every);
                }),
                Scenario.of("anEmptyWriteHasNoEffect", "Writing no bytes is neither an end nor a byte.", wire -> {
                    Pair pair = wire.open();
                    pair.downstream().send(new byte[0]);
                    pair.upstream().expectNothingFor(100);
                    pair.downstream().send("x");
                    pair.upstream().expectBytes("x");
                }),
                Scenario.of(
                        "anUrgentByteStaysInTheStream",
                        "A byte that is marked as urgent arrives in its place, also when bulk came before it, both ways.",
                        wire -> {
                            Pair pair = wire.open();
                            urgent(pair.downstream(), pair.upstream());
                            urgent(pair.upstream(), pair.downstream());
                            bulk(wire, new Stream(10, 4 * Stream.MIB), pair.downstream(), pair.upstream());
                            urgent(pair.downstream(), pair.upstream());
                            bulk(wire, new Stream(11, 4 * Stream.MIB), pair.upstream(), pair.downstream());
                            urgent(pair.upstream(), pair.downstream());
                        }),
                Scenario.of("pingPongDoesNotWait", "1,000 round trips of one byte take less than 2 s.", wire -> {
                    long millis = pingPong(wire.open(), 1_000);
                    if (millis > 2_000) {
                        throw new AssertionError("1,000 round trips took " + millis + " ms");
                    }
                }),
                Scenario.of(
                        "tinyWritesKeepTheirOrder",
                        "20,000 writes of one byte arrive in order, and then the FIN.",
                        wire -> {
                            Pair pair = wire.open();
                            Stream stream = new Stream(7, 20_000);
                            Future<Void> sending = wire.meanwhile(() -> {
                                stream.sendFrom((bytes, length) -> {
                                    byte[] one = new byte[1];
                                    for (int i = 0; i < length; i++) {
                                        one[0] = bytes[i];
                                        pair.downstream().send(one);
                                    }
                                });
                                pair.downstream().shutdownOutput();
                                return null;
                            });
                            stream.expectAt(pair.upstream());
                            pair.upstream().expectFin();
                            sending.get();
                        }),
                Scenario.of("bulkUpIsByteExact", "32 MiB go up, each byte in its place, then the FIN.", wire -> {
                    Pair pair = wire.open();
                    bulkAndFin(wire, UP, pair.downstream(), pair.upstream());
                }),
                Scenario.of("bulkDownIsByteExact", "32 MiB come down, each byte in its place, then the FIN.", wire -> {
                    Pair pair = wire.open();
                    bulkAndFin(wire, DOWN, pair.upstream(), pair.downstream());
                }),
                Scenario.of("bulkBothWaysAtOnceIsByteExact", "32 MiB each way at the same time, byte-exact.", wire -> {
                    Pair pair = wire.open();
                    Future<Void> up = wire.meanwhile(() -> {
                        bulkAndFin(wire, UP, pair.downstream(), pair.upstream());
                        return null;
                    });
                    bulkAndFin(wire, DOWN, pair.upstream(), pair.downstream());
                    up.get();
                }));
    }

    private static void bulk(Wire wire, Stream stream, Peer from, Peer to) throws Exception {
        Future<Void> sending = stream.sendingFrom(from, wire);
        stream.expectAt(to);
        sending.get();
    }

    private static void bulkAndFin(Wire wire, Stream stream, Peer from, Peer to) throws Exception {
        bulk(wire, stream, from, to);
        from.shutdownOutput();
        to.expectFin();
    }

    private static void urgent(Peer from, Peer to) throws Exception {
        from.send("abc");
        from.sendUrgent('X');
        from.send("def");
        to.expectBytes("abcXdef");
    }

    /** Returns how many milliseconds it took. */
    static long pingPong(Pair pair, int rounds) throws Exception {
        long begin = System.nanoTime();
        for (int i = 0; i < rounds; i++) {
            pair.downstream().send("p");
            pair.upstream().expectBytes("p");
            pair.upstream().send("q");
            pair.downstream().expectBytes("q");
        }
        return (System.nanoTime() - begin) / 1_000_000;
    }
}
