package link.ambassador.bench;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** {@code Benchmark <image> <json> [--quick] [--crowded] [row…]}: the table on stdout, progress on stderr. */
public final class Benchmark {
    private Benchmark() {}

    /** These run only if they are named: most take as long as all the others, and one compares the relay with itself. */
    private static final Set<String> NAMED =
            Set.of("rest", "tls-bulk", "tls-get", "tls-handshakes", "tls-memory", "header");

    private interface Rows {
        List<Row> measure() throws Exception;
    }

    /** How long a run takes. */
    private record Length(int rounds, int seconds, Duration load) {
        static final Length FULL = new Length(7, 2, Duration.ofMinutes(10));
        static final Length QUICK = new Length(3, 1, Duration.ofMinutes(1));
    }

    public static void main(String[] arguments) throws Exception {
        Children.endWithThis();
        List<String> words = new ArrayList<>(List.of(arguments));
        Lineup lineup = new Lineup(Path.of(words.remove(0)).toAbsolutePath());
        Path json = Path.of(words.remove(0));
        Length length = words.remove("--quick") ? Length.QUICK : Length.FULL;
        boolean crowded = words.remove("--crowded");
        Map<String, Rows> all = rows(lineup, length);
        if (!all.keySet().containsAll(words)) {
            System.err.println(
                    "src/bench/run [--quick] [--crowded] [row…]: the rows are " + String.join(", ", all.keySet()));
            System.exit(2);
        }
        String about = Report.about(length.rounds(), Report.load());
        if (crowded) {
            about += " Beside " + CacheNeighbour.start().size() + " programs that walk through 96 MiB each.";
        }
        List<Row> measured = new ArrayList<>();
        for (Map.Entry<String, Rows> rows : all.entrySet()) {
            if (words.isEmpty() ? !NAMED.contains(rows.getKey()) : words.contains(rows.getKey())) {
                measured.addAll(rows.getValue().measure());
            }
        }
        Report report = new Report(measured, about);
        Files.writeString(json, report.json(), StandardCharsets.UTF_8);
        new PrintStream(System.out, true, StandardCharsets.UTF_8).print(report.markdown());
    }

    private static Map<String, Rows> rows(Lineup lineup, Length length) {
        Rounds rounds = new Rounds(length.rounds(), System.err);
        Bulk bulk = new Bulk(lineup, rounds, length.seconds());
        Redis redis = new Redis(lineup, rounds, length.seconds());
        HeaderCost header = new HeaderCost(lineup, rounds, length.seconds());
        Idle idle = new Idle(lineup, length.rounds());
        Start start = new Start(lineup, length.rounds());
        Retargets retargets = new Retargets(lineup, length.rounds());
        Turns turns = new Turns(lineup, length.rounds(), bulk, length.seconds(), System.err);
        Rest rest = new Rest(lineup, length.load(), Duration.ofMinutes(1), System.err);
        Tls tls = new Tls(lineup, rounds, length.seconds(), bulk);
        Map<String, Rows> rows = new LinkedHashMap<>();
        // First, because a start reads the kernel's table of sockets, which the rows with many connections fill for a
        // minute.
        rows.put("start", start::toListening);
        rows.put("bulk", bulk::onLoopback);
        rows.put("delay", bulk::overADelay);
        rows.put("first", redis::firstGets);
        rows.put("get", redis::gets);
        rows.put("latency", redis::latency);
        rows.put("connects", redis::connects);
        rows.put("memory", idle::memory);
        rows.put("pairs", idle::pairs);
        rows.put("retarget", retargets::ofOneLink);
        rows.put("links", retargets::ofManyLinks);
        rows.put("turns", turns::longest);
        rows.put("rest", rest::memory);
        rows.put("tls-bulk", tls::bulk);
        rows.put("tls-get", tls::gets);
        rows.put("tls-handshakes", tls::handshakes);
        rows.put("tls-memory", tls::memory);
        rows.put("header", header::gets);
        return rows;
    }
}
