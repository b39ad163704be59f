package link.ambassador.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import link.ambassador.relay.LoopbackPort;

/** One stream of iperf3 at full speed. */
final class Bulk {
    private static final double GIB = 1L << 30;
    private static final Pattern RECEIVED = Pattern.compile(
            "\"sum_received\":\\s*\\{[^}]*\"bytes\":\\s*(\\d+),\\s*\"bits_per_second\":\\s*([0-9.e+]+)");
    private static final String RATE = "rate";
    private static final String CPU = "cpu";

    private final Lineup lineup;
    private final Rounds rounds;
    private final int seconds;

    Bulk(Lineup lineup, Rounds rounds, int seconds) {
        this.lineup = lineup;
        this.rounds = rounds;
        this.seconds = seconds;
    }

    List<Row> onLoopback() throws Exception {
        try (Program.Server server = server()) {
            List<Subject> subjects = Lineup.start(lineup.relaysAndTwins(), server.address());
            try {
                Map<String, Map<String, Series>> figures = rounds.run("bulk", subjects, this::move);
                List<Row> rows = new ArrayList<>();
                rows.add(copying(
                        "one stream, bulk: copying", "Gbit/s", figures.get(RATE), Bound.timesAtLeast(1.3, 1.5)));
                rows.add(splicing(
                                "one stream, bulk: splicing",
                                "Gbit/s",
                                figures.get(RATE),
                                Bound.timesAtLeast(0.95, 1.0))
                        .withNote(SystemCalls.seen(subjects, this::move)));
                rows.add(copying("CPU per GiB: copying", "s", figures.get(CPU), Bound.timesAtMost(0.7, 0.5)));
                rows.add(splicing("CPU per GiB: splicing", "s", figures.get(CPU), Bound.timesAtMost(1.0, 0.9)));
                return rows;
            } finally {
                Lineup.close(subjects);
            }
        }
    }

    static Program.Server server() throws IOException, InterruptedException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), LoopbackPort.free());
        return Program.server(address, "iperf3", "-s", "-B", "127.0.0.1", "-p", Integer.toString(address.getPort()));
    }

    List<Row> overADelay() throws Exception {
        Optional<String> missing = DelayedHost.missing();
        if (missing.isPresent()) {
            return List.of(Row.notMeasured(DelayedHost.WHAT, missing.get()));
        }
        try (DelayedHost host = DelayedHost.up();
                Program.Server server = host.iperf()) {
            List<Subject> subjects = Lineup.start(lineup.relaysAndTwins(), server.address());
            try {
                Map<String, Series> rate =
                        rounds.run("bulk over a delay", subjects, this::move).get(RATE);
                return List.of(
                        copying(DelayedHost.WHAT + ": copying", "Gbit/s", rate, Bound.timesAtLeast(1.3, 1.5)),
                        splicing(DelayedHost.WHAT + ": splicing", "Gbit/s", rate, Bound.timesAtLeast(0.95, 1.0)));
            } finally {
                Lineup.close(subjects);
            }
        }
    }

    private static Row copying(String what, String unit, Map<String, Series> figures, Bound bound) {
        return Row.of(
                what, unit, without(figures, Lineup.SPLICING), Lineup.OURS_COPYING, List.of(Lineup.HAPROXY), bound);
    }

    private static Row splicing(String what, String unit, Map<String, Series> figures, Bound bound) {
        return Row.of(
                what, unit, without(figures, Lineup.COPYING), Lineup.OURS, List.of(Lineup.HAPROXY_SPLICING), bound);
    }

    private static Map<String, Series> without(Map<String, Series> figures, List<String> subjects) {
        Map<String, Series> some = new LinkedHashMap<>(figures);
        some.keySet().removeAll(subjects);
        return some;
    }

    Map<String, Double> move(Subject subject) throws IOException, InterruptedException {
        double before = subject.cpuSeconds();
        String said = Program.output(
                "iperf3",
                "-c",
                subject.address().getAddress().getHostAddress(),
                "-p",
                Integer.toString(subject.address().getPort()),
                "-t",
                Integer.toString(seconds),
                // sendfile(2): a sender that copies would take CPU time from the relay.
                "-Z",
                "-J");
        double cpu = subject.cpuSeconds() - before;
        Matcher received = RECEIVED.matcher(said);
        if (!received.find()) {
            throw new IOException("iperf3 through " + subject.name() + ": " + said);
        }
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put(RATE, Double.parseDouble(received.group(2)) / 1e9);
        if (subject.isRelay()) {
            figures.put(CPU, cpu / (Double.parseDouble(received.group(1)) / GIB));
        }
        return figures;
    }
}
