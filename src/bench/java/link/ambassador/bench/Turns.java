package link.ambassador.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import link.ambassador.relay.LoopbackPort;

/**
 * The longest turn of the relay's event loop under each load, which is how long every connection waits. It uses a
 * separate relay, whose loop gets a task a thousand times a second; nothing else of that relay is measured.
 */
final class Turns {
    private static final int PAIRS = 4_000;
    private static final int LINKS = 3_000;
    /** Above the ports of {@link LoopbackPort}, which are too few, and below those that the kernel uses. */
    private static final int FIRST_PORT = 21_000;

    private static final int SCRAPES = 20;
    private static final int RETARGETS = 150;

    private final Lineup lineup;
    private final int rounds;
    private final Bulk bulk;
    private final int seconds;
    private final PrintStream progress;
    private final HttpClient http = HttpClient.newHttpClient();

    Turns(Lineup lineup, int rounds, Bulk bulk, int seconds, PrintStream progress) {
        this.lineup = lineup;
        this.rounds = rounds;
        this.bulk = bulk;
        this.seconds = seconds;
        this.progress = progress;
    }

    private interface Load {
        void run() throws Exception;
    }

    /** A watched relay, and the port that returns its longest turn. */
    private record Watched(Subject subject, int turnsPort) implements AutoCloseable {
        double takeMillis() throws IOException {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), turnsPort)) {
                return Long.parseLong(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                        / 1e3;
            }
        }

        @Override
        public void close() throws IOException {
            subject.close();
        }
    }

    List<Row> longest() throws Exception {
        List<Row> rows = new ArrayList<>();
        try (Program.Server iperf = Bulk.server()) {
            rows.add(underBulk("bulk, copied", iperf, Map.of("AMBASSADOR_SPLICE", "never")));
            rows.add(underBulk("bulk, spliced", iperf, Map.of()));
        }
        try (Program.Server redis = Redis.server();
                Watched relay = start(redis.address(), Map.of())) {
            Subject through = relay.subject();
            rows.add(row("GETs, 50 connections", relay, () -> Redis.benchmark(through, 40_000 * seconds, "1")));
            rows.add(row("connect, GET, close", relay, () -> Redis.benchmark(through, 8_000 * seconds, "0")));
        }
        Path directory = Files.createTempDirectory("turns");
        Path file = directory.resolve("links.json");
        try {
            rows.add(underRetargets(file));
            rows.add(underDrain(file));
            rows.add(underScrapes(file));
        } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(directory);
        }
        return rows;
    }

    private Row underBulk(String load, Program.Server iperf, Map<String, String> settings) throws Exception {
        try (Watched relay = start(iperf.address(), settings)) {
            return row(load, relay, () -> bulk.move(relay.subject()));
        }
    }

    private Row underRetargets(Path file) throws Exception {
        try (Retargets.Stamp a = new Retargets.Stamp('a');
                Retargets.Stamp b = new Retargets.Stamp('b')) {
            int[] port = {LoopbackPort.free()};
            Retargets.replace(file, port, a.address());
            try (Watched relay = start(port[0], a.address(), following(file))) {
                return row("retargets, one after the other", relay, () -> {
                    for (int i = 0; i < RETARGETS; i++) {
                        Retargets.Stamp next = i % 2 == 0 ? b : a;
                        Retargets.replace(file, port, next.address());
                        next.awaitFrom(port[0]);
                    }
                });
            }
        }
    }

    private Row underDrain(Path file) throws Exception {
        try (ServerSocketChannel a = listener();
                ServerSocketChannel b = listener()) {
            int[] port = {LoopbackPort.free()};
            Retargets.replace(file, port, addressOf(a));
            try (Watched relay = start(port[0], addressOf(a), following(file))) {
                List<ServerSocketChannel> next = new ArrayList<>(List.of(a, b));
                return row(PAIRS + " idle connections that a retarget drains", relay, () -> {
                    List<SocketChannel> open = new ArrayList<>();
                    try {
                        Idle.open(relay.subject(), next.get(0), PAIRS, open);
                        next.add(next.remove(0));
                        Retargets.replace(file, port, addressOf(next.get(0)));
                        awaitEnds(open);
                    } finally {
                        Idle.close(open);
                    }
                });
            }
        }
    }

    private Row underScrapes(Path file) throws Exception {
        int[] ports = IntStream.range(FIRST_PORT, FIRST_PORT + LINKS).toArray();
        int admin = LoopbackPort.free();
        try (ServerSocketChannel upstream = listener()) {
            Retargets.replace(file, ports, addressOf(upstream));
            Map<String, String> settings = new HashMap<>(following(file));
            settings.put("AMBASSADOR_ADMIN_PORT", Integer.toString(admin));
            try (Watched relay = start(ports[LINKS - 1], addressOf(upstream), settings)) {
                return row(LINKS + " links, /metrics and /links read", relay, () -> {
                    for (int i = 0; i < SCRAPES; i++) {
                        read(admin, "/metrics");
                        read(admin, "/links");
                    }
                });
            }
        }
    }

    private Watched start(InetSocketAddress upstream, Map<String, String> settings) throws Exception {
        return start(LoopbackPort.free(), upstream, settings);
    }

    private Watched start(int port, InetSocketAddress upstream, Map<String, String> settings) throws Exception {
        int turnsPort = LoopbackPort.free();
        return new Watched(Subject.start(port, lineup.watched(turnsPort, settings), upstream), turnsPort);
    }

    /** The first round is a warm-up, as for the other rows. */
    private Row row(String name, Watched relay, Load load) throws Exception {
        List<Double> millis = new ArrayList<>();
        for (int round = 0; round <= rounds; round++) {
            progress.printf("longest turn, %s: round %d of %d%n", name, round, rounds);
            relay.takeMillis();
            load.run();
            double longest = relay.takeMillis();
            if (round > 0) {
                millis.add(longest);
            }
        }
        return Row.of(
                "longest turn of the event loop: " + name,
                "ms",
                Map.of(Lineup.OURS, new Series(millis)),
                Lineup.OURS,
                List.of(),
                Bound.atMost(50, 10));
    }

    private static Map<String, String> following(Path file) {
        return Map.of("AMBASSADOR_LINKS_FILE", file.toString());
    }

    private static ServerSocketChannel listener() throws IOException {
        return ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), PAIRS);
    }

    private static InetSocketAddress addressOf(ServerSocketChannel listener) throws IOException {
        return (InetSocketAddress) listener.getLocalAddress();
    }

    /** The downstreams: every second socket. */
    private static void awaitEnds(List<SocketChannel> pairs) throws IOException {
        ByteBuffer one = ByteBuffer.allocate(1);
        for (int i = 0; i < pairs.size(); i += 2) {
            while (pairs.get(i).read(one.clear()) >= 0) {
                // Reads until the end.
            }
            pairs.get(i).close();
        }
    }

    private void read(int admin, String path) throws IOException, InterruptedException {
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin + path))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException(path + ": " + answer.statusCode());
        }
    }
}
