package link.ambassador.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import link.ambassador.relay.LoopbackPort;
import link.ambassador.relayspec.CommandLineRelay;

/** The time from the rename of the link table's file to the first answer of the new target, including the connect. */
final class Retargets {
    /** Warm-up. After 200 the compilers of both sides were still at work, a tick of the scheduler (4 ms) at a time. */
    private static final int WARM_UP = 3_000;

    private static final int WARM_UP_OF_MANY = 200;
    private static final int PER_ROUND = 150;
    private static final int CONNECTIONS_BEFORE_THE_FIRST = 1_000;
    private static final int LINKS = 64;

    private final Lineup lineup;
    private final int rounds;

    Retargets(Lineup lineup, int rounds) {
        this.lineup = lineup;
        this.rounds = rounds;
    }

    List<Row> ofOneLink() throws Exception {
        return List.of(
                row("table file written → new target, one link: p99", 1, WARM_UP, PER_ROUND, 0.99, Bound.atMost(2, 1)),
                first());
    }

    /** All links of a table. The test connects to one after the other, so the figure contains 64 connects. */
    List<Row> ofManyLinks() throws Exception {
        return List.of(row(
                "table file written → new targets, " + LINKS + " links, median",
                LINKS,
                WARM_UP_OF_MANY,
                PER_ROUND / 5,
                0.5,
                Bound.atMost(20, 20)));
    }

    /** The first retarget of a new relay: a JVM is slow in what it does for the first time. */
    private Row first() throws Exception {
        List<Double> figures = new ArrayList<>();
        Path directory = Files.createTempDirectory("retarget");
        Path file = directory.resolve("links.json");
        try (Stamp a = new Stamp('a');
                Stamp b = new Stamp('b')) {
            for (int round = 0; round < rounds; round++) {
                int[] port = {LoopbackPort.free()};
                try (CommandLineRelay relay = lineup.ours(Map.of("AMBASSADOR_LINKS_FILE", file.toString()))) {
                    replace(file, port, a.address());
                    relay.start(port[0], a.address());
                    for (int i = 0; i < CONNECTIONS_BEFORE_THE_FIRST; i++) {
                        a.awaitFrom(port[0]);
                    }
                    long renamed = replace(file, port, b.address());
                    b.awaitFrom(port[0]);
                    figures.add((System.nanoTime() - renamed) / 1e6);
                }
            }
        } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(directory);
        }
        return Row.unjudged(
                "table file written → new target, the first of a relay",
                "ms",
                Map.of(Lineup.OURS, new Series(figures)),
                Lineup.OURS,
                List.of());
    }

    private Row row(String what, int links, int warmUp, int retargets, double quantile, Bound bound) throws Exception {
        Path directory = Files.createTempDirectory("retarget");
        Path file = directory.resolve("links.json");
        int[] ports =
                IntStream.generate(LoopbackPort::free).distinct().limit(links).toArray();
        try (Stamp a = new Stamp('a');
                Stamp b = new Stamp('b');
                CommandLineRelay relay = lineup.ours(Map.of("AMBASSADOR_LINKS_FILE", file.toString()))) {
            replace(file, ports, a.address());
            relay.start(ports[0], a.address());
            List<Double> figures = new ArrayList<>();
            for (int round = -1; round < rounds; round++) {
                long[] nanos = new long[round < 0 ? warmUp : retargets];
                for (int i = 0; i < nanos.length; i++) {
                    Stamp next = (i & 1) == 0 ? b : a;
                    long renamed = replace(file, ports, next.address());
                    for (int port : ports) {
                        next.awaitFrom(port);
                    }
                    nanos[i] = System.nanoTime() - renamed;
                }
                if (round >= 0) {
                    figures.add(new Latencies(nanos).millis(quantile));
                }
            }
            Map<String, Series> bySubject = new LinkedHashMap<>();
            bySubject.put(Lineup.OURS, new Series(figures));
            return Row.of(what, "ms", bySubject, Lineup.OURS, List.of(), bound);
        } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(directory);
        }
    }

    /** Returns the moment of the rename. */
    static long replace(Path file, int[] ports, InetSocketAddress target) throws IOException {
        String links = Arrays.stream(ports)
                .mapToObj(port ->
                        """
                        {"alias":"up","listen":%d,"targets":[{"host":"127.0.0.1","port":%d}]}"""
                                .formatted(port, target.getPort()))
                .collect(Collectors.joining(","));
        Path next = file.resolveSibling("next");
        Files.writeString(next, "{\"links\":[" + links + "]}", StandardCharsets.UTF_8);
        long now = System.nanoTime();
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        return now;
    }

    /** An upstream that sends one letter to each connection. */
    static final class Stamp implements AutoCloseable {
        private final char letter;
        private final ServerSocket listener = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());

        Stamp(char letter) throws IOException {
            this.letter = letter;
            Thread thread = new Thread(this::serve, "stamp-" + letter);
            thread.setDaemon(true);
            thread.start();
        }

        InetSocketAddress address() {
            return (InetSocketAddress) listener.getLocalSocketAddress();
        }

        private void serve() {
            while (!listener.isClosed()) {
                try (Socket socket = listener.accept()) {
                    socket.getOutputStream().write(letter);
                } catch (IOException gone) {
                    // Goes on to the next connection, or ends.
                }
            }
        }

        void awaitFrom(int port) {
            while (ask(port) != letter) {
                // The old target answered: tries again.
            }
        }

        private static int ask(int port) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return socket.getInputStream().read();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }
}
