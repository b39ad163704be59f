package link.ambassador.relayspec;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/**
 * Runs {@link Chaos} against one relay after the other: {@code ChaosTable <jar or image> <seconds> [name...]} prints
 * the table. A name selects the relays whose names begin with it.
 */
public final class ChaosTable {
    /** Warms the clients up, so that the first relay does not wait for their JVM to compile. */
    private static final Duration WARM_UP = Duration.ofSeconds(5);

    private static final List<String> COLUMNS =
            List.of("relay", "served/s", "lost", "crossed", "refused", "cut", "slower than 0.5 s", "longest wait");

    private ChaosTable() {}

    public static void main(String[] arguments) throws Exception {
        Duration each = Duration.ofSeconds(Long.parseLong(arguments[1]));
        List<String> names = List.of(arguments).subList(2, arguments.length);
        List<Supplier<RelayUnderTest>> relays = Peers.all(Path.of(arguments[0]).toAbsolutePath()).stream()
                .filter(relay ->
                        names.isEmpty() || names.stream().anyMatch(relay.get().name()::startsWith))
                .toList();
        System.out.print(of(relays, each, System.err));
    }

    /** The same seed for each relay, and a new one for each table. */
    static String of(List<Supplier<RelayUnderTest>> relays, Duration each, PrintStream progress) throws Exception {
        long seed = new Random().nextInt(1_000_000);
        StringBuilder out = new StringBuilder("64 clients for " + each.toSeconds()
                + " s, each with one connection after the other. Both sides end at random in every way: FIN, half-close,"
                + " reset, reset while writing, and closing over unread bytes while both send all they can. A connection"
                + " begins with a token, which its upstream returns; the wait is from the connect to the token. Lost: no"
                + " token and no end within 5 s; crossed: the token of another connection; cut: ended without a token. Seed "
                + seed + ".\n\n");
        out.append("| ").append(String.join(" | ", COLUMNS)).append(" |\n");
        out.append("|---").append("|---:".repeat(COLUMNS.size() - 1)).append("|\n");
        figures(new DirectConnection(), WARM_UP, seed);
        for (Supplier<RelayUnderTest> relay : relays) {
            ChaosFigures figures = figures(relay.get(), each, seed);
            String name = PeerTable.heading(relay.get());
            progress.println(name + ": " + figures);
            out.append(row(name, figures, each));
        }
        return out.toString();
    }

    private static String row(String name, ChaosFigures figures, Duration each) {
        return "| " + name + " | " + figures.served() / Math.max(1, each.toSeconds()) + " | " + figures.lost() + " | "
                + figures.crossed() + " | " + figures.refused() + " | " + figures.cut() + " | " + figures.slow() + " | "
                + figures.longestWait().toMillis() + " ms |\n";
    }

    private static ChaosFigures figures(RelayUnderTest relay, Duration each, long seed) throws Exception {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        InetSocketAddress target = new InetSocketAddress(loopback, Verdict.freePort());
        InetSocketAddress listen = relay.isRelay() ? new InetSocketAddress(loopback, Verdict.freePort()) : target;
        try (relay) {
            relay.start(listen.getPort(), target);
            ChaosFigures figures = Chaos.of(listen, List.of(target), seed, Chaos.lasting(each));
            if (!figures.error().isEmpty()) {
                throw new IOException("chaos itself failed: " + figures.error());
            }
            return figures;
        }
    }
}
