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

/** Small messages: GETs on 50 connections, at full speed, at half speed, and with a new connection for each. */
final class Redis {
    private static final int CONNECTIONS = 50;
    private static final int FIRST = 1_000;
    private static final Pattern PER_SECOND = Pattern.compile("\"GET\",\"([0-9.]+)\"");
    private static final String RATE = "rate";
    private static final String CPU = "cpu";
    private static final String P50 = "p50";
    private static final String P99 = "p99";

    private final Lineup lineup;
    private final Rounds rounds;
    private final int seconds;
    private InetSocketAddress upstream;

    Redis(Lineup lineup, Rounds rounds, int seconds) {
        this.lineup = lineup;
        this.rounds = rounds;
        this.seconds = seconds;
    }

    private interface Workload {
        List<Row> run(List<Subject> subjects) throws Exception;
    }

    /** A Redis that keeps its data in memory only. */
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
            List<Subject> subjects = Lineup.start(relays, upstream);
            try {
                return workload.run(subjects);
            } finally {
                Lineup.close(subjects);
            }
        }
    }

    List<Row> gets() throws Exception {
        return withRedis(lineup.relays(), subjects -> {
            Map<String, Map<String, Series>> figures =
                    rounds.run("redis GET", subjects, subject -> benchmark(subject, 40_000 * seconds, "1"));
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

    /** The first 1,000 GETs of a new relay. */
    List<Row> firstGets() throws Exception {
        Map<String, List<Double>> millis = new LinkedHashMap<>();
        withRedis(List.of(), none -> {
            for (int round = 0; round < rounds.rounds(); round++) {
                for (Supplier<CommandLineRelay> kind : lineup.withoutSocat()) {
                    try (Subject subject = Subject.start(kind.get(), upstream)) {
                        double rate = benchmark(subject, FIRST, "1").get(RATE);
                        millis.computeIfAbsent(subject.name(), name -> new ArrayList<>())
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
     * A connection for each request: redis-benchmark without keep-alive. Without socat, which forks for each, and
     * resets some because its backlog is 5.
     */
    List<Row> connects() throws Exception {
        return withRedis(lineup.withoutSocat(), subjects -> {
            Map<String, Map<String, Series>> figures =
                    rounds.run("connect, GET, close", subjects, subject -> benchmark(subject, 8_000 * seconds, "0"));
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

    static Map<String, Double> benchmark(Subject subject, int requests, String keepAlive)
            throws IOException, InterruptedException {
        double before = subject.cpuSeconds();
        String said = Program.output(
                "redis-benchmark",
                "-h",
                "127.0.0.1",
                "-p",
                Integer.toString(subject.address().getPort()),
                "-t",
                "get",
                "-c",
                Integer.toString(CONNECTIONS),
                "-n",
                Integer.toString(requests),
                "-k",
                keepAlive,
                "--csv");
        double cpu = subject.cpuSeconds() - before;
        Matcher perSecond = PER_SECOND.matcher(said);
        if (!perSecond.find()) {
            throw new IOException("redis-benchmark through " + subject.name() + ": " + said);
        }
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put(RATE, Double.parseDouble(perSecond.group(1)));
        if (subject.isRelay()) {
            figures.put(CPU, cpu * 1e6 / requests);
        }
        return figures;
    }

    /**
     * At half the maximum of the slowest subject, each request at its time, even if the one before has no reply yet.
     * Without socat: half of its maximum is too little to compare the others.
     */
    List<Row> latency() throws Exception {
        return withRedis(lineup.withoutSocat(), subjects -> {
            double slowest = Double.MAX_VALUE;
            for (Subject subject : subjects) {
                benchmark(subject, 40_000, "1");
                slowest = Math.min(slowest, benchmark(subject, 40_000, "1").get(RATE));
            }
            double rate = Math.floor(slowest / 2 / 1000) * 1000;
            Map<String, Map<String, Series>> figures = rounds.run("open loop", subjects, subject -> {
                Latencies latencies = OpenLoop.run(subject.address(), CONNECTIONS, rate, seconds);
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
