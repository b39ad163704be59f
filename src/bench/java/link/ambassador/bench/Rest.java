package link.ambassador.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import link.ambassador.relay.LoopbackPort;
import link.ambassador.relayspec.CommandLineRelay;

/**
 * The memory of a relay before a load, right after it, and after a rest. A second relay is idle all the time, so that
 * both share their file pages.
 */
final class Rest {
    private static final String IDLE = "idle";
    private static final String LOADED = "after the load";
    private static final String RESTED = "after the rest";
    private static final int RETARGETS_IN_A_TURN = 10;

    private final Lineup lineup;
    private final Duration load;
    private final Duration rest;
    private final PrintStream progress;

    Rest(Lineup lineup, Duration load, Duration rest, PrintStream progress) {
        this.lineup = lineup;
        this.load = load;
        this.rest = rest;
        this.progress = progress;
    }

    List<Row> memory() throws Exception {
        Path directory = Files.createTempDirectory("rest");
        Path file = directory.resolve("links.json");
        int port = LoopbackPort.free();
        try (Program.Server a = Redis.server();
                Program.Server b = Redis.server();
                Subject idles = Subject.start(lineup.ours(), a.address());
                CommandLineRelay relay = lineup.ours(Map.of("AMBASSADOR_LINKS_FILE", file.toString()))) {
            target(file, port, a);
            relay.start(port, a.address());
            TimeUnit.SECONDS.sleep(Idle.SETTLE_SECONDS);
            Map<String, Series> resident = new LinkedHashMap<>();
            Map<String, Series> unshared = new LinkedHashMap<>();
            ProcessTree process = new ProcessTree(relay.process());
            look(IDLE, process, resident, unshared);
            load(port, () -> target(file, port, b), () -> target(file, port, a));
            look(LOADED, process, resident, unshared);
            TimeUnit.SECONDS.sleep(rest.toSeconds());
            look(RESTED, process, resident, unshared);
            String note =
                    "after %d s of load and %d s of rest; one beside it that idled all the time: %.1f MiB, private %.1f"
                            .formatted(
                                    load.toSeconds(),
                                    rest.toSeconds(),
                                    idles.process().residentMib(),
                                    idles.process().privateMib());
            return List.of(
                    row("resident memory, rested over idle", resident).withNote(note),
                    row("private memory, rested over idle", unshared));
        } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(directory);
        }
    }

    private static Row row(String what, Map<String, Series> figures) {
        return Row.of(what, "MiB", figures, RESTED, List.of(IDLE), Bound.timesAtMost(1.1, 1.1));
    }

    private void look(String when, ProcessTree process, Map<String, Series> resident, Map<String, Series> unshared) {
        resident.put(when, new Series(List.of(process.residentMib())));
        unshared.put(when, new Series(List.of(process.privateMib())));
        progress.printf(
                "rest: %s %.1f MiB, private %.1f%n",
                when, resident.get(when).median(), unshared.get(when).median());
    }

    private interface Retarget {
        void run() throws IOException;
    }

    /** Runs the loads in turn until the time is up, so that each meets the memory that the others left. */
    private void load(int port, Retarget there, Retarget back) throws IOException, InterruptedException {
        long end = System.nanoTime() + load.toNanos();
        while (System.nanoTime() < end) {
            benchmark(port, "get", 50, 100_000, "1", 3);
            // One GET for each connection.
            benchmark(port, "get", 50, 15_000, "0", 3);
            // Spliced after the first reads.
            benchmark(port, "set", 10, 3_000, "1", 200_000);
            // Copied: reads too small for bulk, and connections that end before they count as bulk.
            benchmark(port, "set", 50, 20_000, "1", 12_000);
            benchmark(port, "set", 50, 3_000, "0", 100_000);
            for (int i = 0; i < RETARGETS_IN_A_TURN; i++) {
                (i % 2 == 0 ? there : back).run();
                benchmark(port, "get", 5, 50, "0", 3);
            }
        }
    }

    private static void benchmark(int port, String what, int connections, int requests, String keepAlive, int bytes)
            throws IOException, InterruptedException {
        Program.output(
                "redis-benchmark",
                "-p",
                Integer.toString(port),
                "-t",
                what,
                "-c",
                Integer.toString(connections),
                "-n",
                Integer.toString(requests),
                "-k",
                keepAlive,
                "-d",
                Integer.toString(bytes),
                "--csv");
    }

    private static void target(Path file, int port, Program.Server server) throws IOException {
        InetSocketAddress address = server.address();
        Path next = file.resolveSibling("next");
        Files.writeString(
                next,
                """
                {"links":[{"alias":"up","listen":%d,"targets":[{"host":"127.0.0.1","port":%d}]}]}"""
                        .formatted(port, address.getPort()),
                StandardCharsets.UTF_8);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
