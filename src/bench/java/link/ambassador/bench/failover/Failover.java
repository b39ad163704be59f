package link.ambassador.bench.failover;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import link.ambassador.bench.Children;

/** {@code Failover <image> <rounds> [faults|swaps|few|rest…]}: the tables on stdout, progress on stderr. */
public final class Failover {
    private static final List<String> ALL = List.of("faults", "swaps", "few", "rest");
    private static final int SWAPS_OF_A_ROUND = 20;
    private static final int CONSUMERS = 1_000;
    private static final int FEW_CONSUMERS = 10;
    private static final int CONNECTIONS = 100;
    private static final int REST_SECONDS = 30;

    private Failover() {}

    public static void main(String[] arguments) throws Exception {
        Children.endWithThis();
        List<String> words = new ArrayList<>(List.of(arguments));
        Path image = Path.of(words.remove(0)).toAbsolutePath();
        int rounds = Integer.parseInt(words.remove(0));
        if (!ALL.containsAll(words)) {
            System.err.println("the parts are " + String.join(", ", ALL));
            System.exit(2);
        }
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        for (String part : words.isEmpty() ? ALL : words) {
            out.println(
                    switch (part) {
                        case "faults" -> new Faults(image, rounds).table();
                        case "swaps" -> new Swaps(image, rounds * SWAPS_OF_A_ROUND, CONSUMERS).report();
                        case "few" -> new Swaps(image, rounds * SWAPS_OF_A_ROUND, FEW_CONSUMERS).report();
                        default -> rest(image);
                    });
        }
    }

    /** When all is well, the relay connects to a target for a consumer only. */
    private static String rest(Path image) throws IOException, InterruptedException {
        try (Redis first = new Redis();
                Redis second = new Redis();
                Way way = new Way(Way.Kind.AMBASSADOR, image, first, second, false, false)) {
            long before = first.connections() + second.connections();
            for (int i = 0; i < CONNECTIONS; i++) {
                try (Redis.Connection connection = new Redis.Connection(way.address(), 1_000)) {
                    connection.ask("SET key value");
                }
            }
            TimeUnit.SECONDS.sleep(REST_SECONDS);
            // One of them asked how many there were.
            long made = first.connections() + second.connections() - before - 2;
            return "%d s at rest behind %d connections: %d health checks, and %d connections to the targets"
                    .formatted(REST_SECONDS, CONNECTIONS, way.healthChecks(), made);
        }
    }
}
