package link.ambassador.bench.switchover;

import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.DoubleStream;
import link.ambassador.bench.Children;

/** {@code Switchover <image> <svg> <rounds> [way…]}: the table on stdout, a picture of the last round, progress on stderr. */
public final class Switchover {
    private static final int SECONDS = 10;
    private static final int SECONDS_BEFORE = 3;

    /** Between the end of the primary and the promotion, as if somebody made sure of the one before the other. */
    private static final int LOOKED_MILLIS = 1_500;

    private Switchover() {}

    /** Makes a way to a primary that runs. */
    private interface Start {
        Way of(Postgres servers) throws Exception;
    }

    /**
     * What was seen of one switchover.
     *
     * @param begunAtMillis when the first command of the switchover was given
     * @param outageMillis from the stop of the primary until the standby took writes
     * @param lost transactions that a consumer saw succeed and the new primary does not have
     */
    record Seen(Consumers.Outcome consumers, long begunAtMillis, double outageMillis, long lost) {
        double waitMillis() {
            return consumers.longestMillis();
        }

        int errors() {
            return consumers.errorsAtMillis().size();
        }
    }

    public static void main(String[] arguments) throws Exception {
        Children.endWithThis();
        List<String> words = new ArrayList<>(List.of(arguments));
        Path image = Path.of(words.remove(0)).toAbsolutePath();
        Path picture = Path.of(words.remove(0));
        int rounds = Integer.parseInt(words.remove(0));
        Map<String, Start> ways = ways(image);
        if (!ways.keySet().containsAll(words)) {
            System.err.println("the ways are " + String.join(", ", ways.keySet()));
            System.exit(2);
        }
        if (!words.isEmpty()) {
            ways.keySet().retainAll(words);
        }
        Map<String, List<Seen>> seen = new LinkedHashMap<>();
        for (int round = 1; round <= rounds; round++) {
            for (Map.Entry<String, Start> way : ways.entrySet()) {
                Seen one = switchOver(way.getValue());
                System.err.printf(
                        Locale.ROOT,
                        "%d %s: %d transactions, %d errors, %d lost, outage %.0f ms, longest wait %.0f ms%n",
                        round,
                        way.getKey(),
                        one.consumers().transactions().size(),
                        one.errors(),
                        one.lost(),
                        one.outageMillis(),
                        one.waitMillis());
                seen.computeIfAbsent(way.getKey(), name -> new ArrayList<>()).add(one);
            }
        }
        new PrintStream(System.out, true, StandardCharsets.UTF_8).print(table(seen, rounds));
        Map<String, Seen> last = new LinkedHashMap<>();
        seen.forEach((way, all) -> last.put(way, all.get(all.size() - 1)));
        Files.writeString(picture, new SwitchoverPicture(last).svg(), StandardCharsets.UTF_8);
    }

    private static Map<String, Start> ways(Path image) {
        Map<String, Start> ways = new LinkedHashMap<>();
        ways.put("direct, libpq finds the primary", servers -> new Direct(servers.primary(), servers.standby()));
        ways.put("PgBouncer, PAUSE and RESUME", servers -> new PgBouncer(servers.primary()));
        // Its watchdog ends it when the limit is raised again: https://github.com/haproxy/haproxy/issues/2726
        ways.put("Debian's HAProxy 2.6.12, maxconn 0", servers -> new Haproxy(servers.primary()));
        ways.put("Ambassador, hold", servers -> new Ours(image, servers.primary(), true));
        ways.put("Ambassador, whenUnavailable alone", servers -> new Ours(image, servers.primary(), false));
        return ways;
    }

    private static Seen switchOver(Start start) throws Exception {
        try (Postgres servers = new Postgres();
                Way way = start.of(servers);
                Consumers consumers = new Consumers(way.connection(), SECONDS)) {
            TimeUnit.SECONDS.sleep(SECONDS_BEFORE);
            InetSocketAddress next = servers.standby();
            long begun = System.currentTimeMillis();
            way.hold();
            long stopping = System.nanoTime();
            servers.stopPrimary();
            TimeUnit.MILLISECONDS.sleep(LOOKED_MILLIS);
            servers.promoteStandby();
            double outage = (System.nanoTime() - stopping) / 1e6;
            way.move(next);
            Consumers.Outcome outcome = consumers.outcome();
            long lost = Math.max(0, outcome.transactions().size() - servers.rows());
            return new Seen(outcome, begun, outage, lost);
        }
    }

    private static String table(Map<String, List<Seen>> seen, int rounds) {
        StringBuilder text = new StringBuilder(
                "%s, PostgreSQL 15, %d consumers with `pgbench -C`, %d transactions a second each; %d rounds, median (min–max).%n%n"
                        .formatted(
                                Instant.now().truncatedTo(ChronoUnit.MINUTES),
                                Consumers.COUNT,
                                Consumers.TRANSACTIONS_PER_SECOND,
                                rounds));
        text.append(
                "| way | errors | lost | outage, ms | longest wait, ms | over the outage, ms |\n|---|---|---|---|---|---|\n");
        seen.forEach((way, all) -> text.append("| ")
                .append(way)
                .append(" | ")
                .append(spread(all.stream().mapToDouble(Seen::errors)))
                .append(" | ")
                .append(spread(all.stream().mapToDouble(Seen::lost)))
                .append(" | ")
                .append(spread(all.stream().mapToDouble(Seen::outageMillis)))
                .append(" | ")
                .append(spread(all.stream().mapToDouble(Seen::waitMillis)))
                .append(" | ")
                .append(
                        all.stream().allMatch(one -> one.waitMillis() > one.outageMillis())
                                ? spread(all.stream().mapToDouble(one -> one.waitMillis() - one.outageMillis()))
                                : "no one waited for its end")
                .append(" |\n"));
        return text.toString();
    }

    private static String spread(DoubleStream figures) {
        double[] sorted = figures.sorted().toArray();
        return String.format(
                Locale.ROOT, "%.0f (%.0f–%.0f)", sorted[sorted.length / 2], sorted[0], sorted[sorted.length - 1]);
    }
}
