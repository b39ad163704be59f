package link.ambassador.bench;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import link.ambassador.relayspec.CommandLineRelay;

/** What a relay costs that has nothing to do. */
final class Idle {
    /** What a JVM returns after its start it has returned by then. */
    static final int SETTLE_SECONDS = 12;

    private static final int PAIRS = 4_000;
    private static final double KIB_PER_MIB = 1024;

    private final Lineup field;
    private final int rounds;

    Idle(Lineup field, int rounds) {
        this.field = field;
        this.rounds = rounds;
    }

    /** All at once, each as often as there are rounds: nobody disturbs anybody. */
    List<Row> memory() throws Exception {
        Map<String, List<Double>> resident = new LinkedHashMap<>();
        Map<String, List<Double>> unshared = new LinkedHashMap<>();
        List<Subject> contenders = new ArrayList<>();
        try (ServerSocket nobody = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            for (int round = 0; round < rounds; round++) {
                for (Supplier<CommandLineRelay> relay : field.relays()) {
                    contenders.add(Subject.start(relay.get(), (InetSocketAddress) nobody.getLocalSocketAddress()));
                }
            }
            TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
            for (Subject contender : contenders) {
                add(resident, contender, contender.process().residentMib());
                add(unshared, contender, contender.process().privateMib());
            }
        } finally {
            Lineup.close(contenders);
        }
        String shared = rounds + " relays of a kind at once share their file pages";
        return List.of(
                Row.of(
                        "memory of an idle relay: resident",
                        "MiB",
                        series(resident),
                        Lineup.OURS,
                        List.of(Lineup.HAPROXY),
                        Bound.atMost(60, 48)),
                Row.of(
                                "memory of an idle relay: private",
                                "MiB",
                                series(unshared),
                                Lineup.OURS,
                                List.of(Lineup.HAPROXY),
                                Bound.atMost(24, 18))
                        .withNote(shared));
    }

    /** Connections on which one byte went each way, and then nothing. Not with socat: 4,000 processes. */
    List<Row> pairs() throws Exception {
        Map<String, List<Double>> kib = new LinkedHashMap<>();
        for (int round = 0; round < Math.min(rounds, 3); round++) {
            for (Supplier<CommandLineRelay> relay : field.withoutSocat()) {
                try (ServerSocketChannel upstream = ServerSocketChannel.open()
                        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), PAIRS)) {
                    try (Subject contender =
                            Subject.start(relay.get(), (InetSocketAddress) upstream.getLocalAddress())) {
                        add(kib, contender, perPair(contender, upstream));
                    }
                }
            }
        }
        return List.of(Row.of(
                "private memory per idle pair, of " + PAIRS,
                "KiB",
                series(kib),
                Lineup.OURS,
                List.of(Lineup.HAPROXY),
                Bound.atMost(4, 2)));
    }

    private static double perPair(Subject contender, ServerSocketChannel upstream) throws Exception {
        List<SocketChannel> open = new ArrayList<>();
        try {
            // What the first connections load and compile is no cost of a pair.
            open(contender, upstream, PAIRS / 10, open);
            close(open);
            TimeUnit.SECONDS.sleep(2);
            double before = contender.process().privateMib();
            open(contender, upstream, PAIRS, open);
            TimeUnit.SECONDS.sleep(3);
            return (contender.process().privateMib() - before) * KIB_PER_MIB / PAIRS;
        } finally {
            close(open);
        }
    }

    static void open(Subject contender, ServerSocketChannel upstream, int pairs, List<SocketChannel> open)
            throws Exception {
        ByteBuffer one = ByteBuffer.allocate(1);
        for (int i = 0; i < pairs; i++) {
            SocketChannel downstream = SocketChannel.open(contender.address());
            open.add(downstream);
            SocketChannel accepted = upstream.accept();
            open.add(accepted);
            downstream.write(one.clear());
            accepted.read(one.clear());
            accepted.write(one.clear());
            downstream.read(one.clear());
        }
    }

    static void close(List<SocketChannel> open) throws Exception {
        for (SocketChannel channel : open) {
            channel.close();
        }
        open.clear();
    }

    static void add(Map<String, List<Double>> figures, Subject contender, double figure) {
        figures.computeIfAbsent(contender.name(), name -> new ArrayList<>()).add(figure);
    }

    static Map<String, Series> series(Map<String, List<Double>> figures) {
        Map<String, Series> series = new LinkedHashMap<>();
        figures.forEach((name, values) -> series.put(name, new Series(values)));
        return series;
    }
}
