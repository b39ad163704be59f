package link.ambassador.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import link.ambassador.relay.LoopbackPort;
import link.ambassador.relayspec.CommandLineRelay;

/** Small messages: GETs of 50 connections, as fast as they go, at half of that, and one for each connection. */
final class Redis {
    private static final int CONNECTIONS = 50;
    private static final int FIRST = 1_000;
    private static final Pattern PER_SECOND = Pattern.compile("\"GET\",\"([0-9.]+)\"");
    private static final String RATE = "rate";
    private static final String CPU = "cpu";
    private static final String P50 = "p50";
    private static final String P99 = "p99";

    private final Lineup field;
    private final Rounds rounds;
    private final int seconds;
    private InetSocketAddress upstream;

    Redis(Lineup field, Rounds rounds, int seconds) {
        this.field = field;
        this.rounds = rounds;
        this.seconds = seconds;
    }

    private interface Workload {
        List<Row> play(List<Subject> contenders) throws Exception;
    }

    /** One that keeps its data in memory alone. */
    static Program.Server server() throws IOException, InterruptedException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), LoopbackPort.free());
        return Program.server(
                address,
                "redis-server",
                "--bind",
                "127.0.0.1",
                "--port",
                Integer.toString(address.getPort()),
                "--save",
                "",
                "--appendonly",
                "no");
    }

    private List<Row> withRedis(List<Supplier<CommandLineRelay>> relays, Workload workload) throws Exception {
        try (Program.Server server = server()) {
            upstream = server.address();
            List<Subject> contenders = Lineup.start(relays, upstream);
            try {
                return workload.play(contenders);
            } finally {
                Lineup.close(contenders);
            }
        }
    }

    List<Row> gets() throws Exception {
        return withRedis(field.relays(), contenders -> {
            Map<String, Map<String, Series>> figures =
                    rounds.play("redis GET", contenders, contender -> benchmark(contender, 40_000 * seconds, "1"));
            return List.of(
                    Row.of(
                            "redis GET, 50 connections",
                            "1/s",
                            figures.get(RATE),
                            Lineup.OURS,
                            Lineup.PEERS,
                            Bound.timesAtLeast(0.95, 1.05)),
                    Row.of(
                            "CPU per GET",
                            "µs",
                            figures.get(CPU),
                            Lineup.OURS,
                            Lineup.PEERS,
                            Bound.timesAtMost(1.1, 1.0)));
        });
    }

    /** The first 1,000 GETs of a relay that was started for them. */
    List<Row> firstGets() throws Exception {
        Map<String, List<Double>> millis = new LinkedHashMap<>();
        withRedis(List.of(), none -> {
            for (int round = 0; round < rounds.rounds(); round++) {
                for (Supplier<CommandLineRelay> kind : field.withoutSocat()) {
                    try (Subject contender = Subject.start(kind.get(), upstream)) {
                        double rate = benchmark(contender, FIRST, "1").get(RATE);
                        millis.computeIfAbsent(contender.name(), name -> new ArrayList<>())
                                .add(FIRST * 1000 / rate);
                    }
                }
            }
            return List.of();
        });
        return List.of(
                Row.unjudged("first 1,000 GETs after the start", "ms", Idle.series(millis), Lineup.OURS, Lineup.PEERS));
    }

    /**
     * A connection for each request: redis-benchmark without keep-alive. Not with socat, which forks for each and resets some,
     * its backlog being 5.
     */
    List<Row> connects() throws Exception {
        return withRedis(field.withoutSocat(), contenders -> {
            Map<String, Map<String, Series>> figures = rounds.play(
                    "connect, GET, close", contenders, contender -> benchmark(contender, 8_000 * seconds, "0"));
            return List.of(
                    Row.of(
                            "connect + one request + close",
                            "1/s",
                            figures.get(RATE),
                            Lineup.OURS,
                            List.of(Lineup.HAPROXY),
                            Bound.timesAtLeast(0.9, 1.0)),
                    Row.unjudged("CPU per connection", "µs", figures.get(CPU), Lineup.OURS, List.of(Lineup.HAPROXY)));
        });
    }

    static Map<String, Double> benchmark(Subject contender, int requests, String keepAlive)
            throws IOException, InterruptedException {
        double before = contender.cpuSeconds();
        String said = Program.output(
                "redis-benchmark",
                "-h",
                "127.0.0.1",
                "-p",
                Integer.toString(contender.address().getPort()),
                "-t",
                "get",
                "-c",
                Integer.toString(CONNECTIONS),
                "-n",
                Integer.toString(requests),
                "-k",
                keepAlive,
                "--csv");
        double cpu = contender.cpuSeconds() - before;
        Matcher perSecond = PER_SECOND.matcher(said);
        if (!perSecond.find()) {
            throw new IOException("redis-benchmark through " + contender.name() + ": " + said);
        }
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put(RATE, Double.parseDouble(perSecond.group(1)));
        if (contender.isRelay()) {
            figures.put(CPU, cpu * 1e6 / requests);
        }
        return figures;
    }

    /**
     * At half of what the slowest can do, each request at its time whether or not the one before was answered.
     * Not with socat, half of which is too little to tell the others apart.
     */
    List<Row> latency() throws Exception {
        return withRedis(field.withoutSocat(), contenders -> {
            double slowest = Double.MAX_VALUE;
            for (Subject contender : contenders) {
                benchmark(contender, 40_000, "1");
                slowest = Math.min(slowest, benchmark(contender, 40_000, "1").get(RATE));
            }
            double rate = Math.floor(slowest / 2 / 1000) * 1000;
            Map<String, Map<String, Series>> figures = rounds.play("open loop", contenders, contender -> {
                Latencies latencies = OpenLoop.play(contender.address(), CONNECTIONS, rate, seconds);
                Map<String, Double> turn = new LinkedHashMap<>();
                turn.put(P50, latencies.micros(0.50));
                turn.put(P99, latencies.micros(0.99));
                return turn;
            });
            String at = "%.0f requests/s: half of what the slowest can do".formatted(rate);
            return List.of(
                    Row.of(
                                    "p99 at half load, open loop",
                                    "µs",
                                    figures.get(P99),
                                    Lineup.OURS,
                                    Lineup.PEERS,
                                    Bound.timesAtMost(1.1, 0.9))
                            .withNote(at),
                    Row.unjudged("median at half load, open loop", "µs", figures.get(P50), Lineup.OURS, Lineup.PEERS));
        });
    }
}
