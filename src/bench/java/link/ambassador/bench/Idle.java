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

/** The cost of an idle relay. */
final class Idle {
    /** By then a JVM has returned the memory of its start. */
    static final int SETTLE_SECONDS = 12;

    private static final int PAIRS = 4_000;
    private static final double KIB_PER_MIB = 1024;

    private final Lineup lineup;
    private final int rounds;

    Idle(Lineup lineup, int rounds) {
        this.lineup = lineup;
        this.rounds = rounds;
    }

    /** All subjects at once, each once for a round: idle ones do not disturb each other. */
    List<Row> memory() throws Exception {
        Map<String, List<Double>> resident = new LinkedHashMap<>();
        Map<String, List<Double>> unshared = new LinkedHashMap<>();
        List<Subject> subjects = new ArrayList<>();
        try (ServerSocket nobody = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            for (int round = 0; round < rounds; round++) {
                for (Supplier<CommandLineRelay> relay : lineup.relays()) {
                    subjects.add(Subject.start(relay.get(), (InetSocketAddress) nobody.getLocalSocketAddress()));
                }
            }
            TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
            for (Subject subject : subjects) {
                add(resident, subject, subject.process().residentMib());
                add(unshared, subject, subject.process().privateMib());
            }
        } finally {
            Lineup.close(subjects);
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

    /**
     * Connections that carried one byte each way, and then nothing. Without socat, which would need 4,000 processes.
     */
    List<Row> pairs() throws Exception {
        Map<String, List<Double>> kib = new LinkedHashMap<>();
        for (int round = 0; round < Math.min(rounds, 3); round++) {
            for (Supplier<CommandLineRelay> relay : lineup.withoutSocat()) {
                try (ServerSocketChannel upstream = ServerSocketChannel.open()
                        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), PAIRS)) {
                    try (Subject subject = Subject.start(relay.get(), (InetSocketAddress) upstream.getLocalAddress())) {
                        add(kib, subject, perPair(subject, upstream, PAIRS));
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

    static double perPair(Subject subject, ServerSocketChannel upstream, int pairs) throws Exception {
        List<SocketChannel> open = new ArrayList<>();
        try {
            // Warm-up: what the first connections load and compile is not the cost of a pair.
            open(subject, upstream, pairs / 10, open);
            close(open);
            TimeUnit.SECONDS.sleep(2);
            double before = subject.process().privateMib();
            open(subject, upstream, pairs, open);
            TimeUnit.SECONDS.sleep(3);
            return (subject.process().privateMib() - before) * KIB_PER_MIB / pairs;
        } finally {
            close(open);
        }
    }

    static void open(Subject subject, ServerSocketChannel upstream, int pairs, List<SocketChannel> open)
            throws Exception {
        ByteBuffer one = ByteBuffer.allocate(1);
        for (int i = 0; i < pairs; i++) {
            SocketChannel downstream = SocketChannel.open(subject.address());
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

    static void add(Map<String, List<Double>> figures, Subject subject, double figure) {
        figures.computeIfAbsent(subject.name(), name -> new ArrayList<>()).add(figure);
    }

    static Map<String, Series> series(Map<String, List<Double>> figures) {
        Map<String, Series> series = new LinkedHashMap<>();
        figures.forEach((name, values) -> series.put(name, new Series(values)));
        return series;
    }
}
