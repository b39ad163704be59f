package link.ambassador.bench.switchover;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import link.ambassador.bench.Children;
import link.ambassador.relay.LoopbackPort;
import link.ambassador.relayspec.CommandLineRelay;
import link.ambassador.relayspec.Peers;

/** {@code PatroniSwitchover <image> <programs> <rounds>}: {@code patronictl switchover} under consumers. The table on stdout. */
public final class PatroniSwitchover {
    private static final int SECONDS = 25;
    private static final int SECONDS_BEFORE = 5;

    /** The recipe of docs/failover.md. */
    private static final String RECIPE =
            """
            {"requires":["health/1"%2$s],"links":[{"alias":"db","listen":%1$d,
             "targets":[{"host":"127.0.0.2","port":5432},{"host":"127.0.0.3","port":5432}],
             "healthCheck":{"type":"HTTP","port":8008,"http":{"path":"/primary"},"probe":"Always"},"failover":{"existingConnections":"Close"}%3$s}]}
            """;

    private static final String HOLD = ",\"whenUnavailable\":{\"action\":\"Hold\",\"timeout\":\"30s\"}";

    private PatroniSwitchover() {}

    /** @param commandMillis how long {@code patronictl switchover} took */
    private record Seen(int transactions, int errors, long lost, double longestMillis, double commandMillis) {}

    public static void main(String[] arguments) throws Exception {
        Children.endWithThis();
        Path image = Path.of(arguments[0]).toAbsolutePath();
        Path programs = Path.of(arguments[1]).toAbsolutePath();
        int rounds = Integer.parseInt(arguments[2]);
        System.out.printf(
                "%d consumers with `pgbench -C`, %d transactions a second each; %d rounds, median (longest)%n%n",
                Consumers.COUNT, Consumers.TRANSACTIONS_PER_SECOND, rounds);
        System.out.println(
                "| the link | transactions | errors | lost | longest wait, ms | `patronictl switchover`, ms |");
        System.out.println("|---|---|---|---|---|---|");
        for (boolean holds : new boolean[] {false, true}) {
            List<Seen> all = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                Seen seen = round(image, programs, holds);
                System.err.println(seen);
                all.add(seen);
            }
            System.out.printf(
                    "| %s | %s | %s | %s | %s | %s |%n",
                    holds ? "the recipe with `whenUnavailable: Hold`" : "the recipe",
                    spread(all.stream()
                            .map(seen -> (double) seen.transactions())
                            .toList()),
                    spread(all.stream().map(seen -> (double) seen.errors()).toList()),
                    spread(all.stream().map(seen -> (double) seen.lost()).toList()),
                    spread(all.stream().map(Seen::longestMillis).toList()),
                    spread(all.stream().map(Seen::commandMillis).toList()));
        }
    }

    private static Seen round(Path image, Path programs, boolean holds) throws Exception {
        Path table = Files.createTempFile("links", ".json");
        int port = LoopbackPort.free();
        Files.writeString(table, RECIPE.formatted(port, holds ? ",\"hold/1\"" : "", holds ? HOLD : ""));
        CommandLineRelay relay =
                Peers.ours("ambassador", Peers.inImage(image), Map.of("AMBASSADOR_LINKS_FILE", table.toString()));
        try (Patroni cluster = new Patroni(programs)) {
            relay.start(port, new InetSocketAddress("127.0.0.2", 5432));
            try (Consumers consumers = new Consumers(Way.connectionTo(port), SECONDS)) {
                TimeUnit.SECONDS.sleep(SECONDS_BEFORE);
                long began = System.nanoTime();
                cluster.switchOver();
                double command = (System.nanoTime() - began) / 1e6;
                Consumers.Outcome outcome = consumers.outcome();
                int transactions = outcome.transactions().size();
                return new Seen(
                        transactions,
                        outcome.errorsAtMillis().size(),
                        Math.max(0, transactions - cluster.rows()),
                        outcome.longestMillis(),
                        command);
            }
        } finally {
            relay.close();
            Files.delete(table);
        }
    }

    private static String spread(List<Double> figures) {
        List<Double> sorted = new ArrayList<>(figures);
        Collections.sort(sorted);
        return String.format(
                Locale.ROOT, "%,.0f (%,.0f)", sorted.get(sorted.size() / 2), sorted.get(sorted.size() - 1));
    }
}
