package link.ambassador.bench.switchover;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Consumers that open a connection for each transaction: {@code pgbench -C}, a process for each. A pgbench ends at its first error; it is
 * counted, and another one takes its place a tenth of a second later.
 */
final class Consumers implements AutoCloseable {
    static final int COUNT = 20;

    /** Of each consumer. A consumer that was kept waiting catches up. */
    static final int TRANSACTIONS_PER_SECOND = 10;

    private static final long AFTER_AN_ERROR_MILLIS = 100;

    /**
     * What one consumer did.
     *
     * @param atMillis when it ended, by the clock of the machine
     * @param millis from when it was due until it ended, with the connect
     */
    record Transaction(long atMillis, double millis) {}

    /** @param errorsAtMillis when each error was seen */
    record Outcome(List<Transaction> transactions, List<Long> errorsAtMillis) {
        double longestMillis() {
            return transactions.stream().mapToDouble(Transaction::millis).max().orElse(0);
        }
    }

    private final ExecutorService threads = Executors.newFixedThreadPool(COUNT);
    private final Path directory;
    private final List<Future<List<Long>>> running = new ArrayList<>();

    /** Starts them; they end by themselves after {@code seconds}. */
    Consumers(String connection, int seconds) throws IOException {
        directory = Files.createTempDirectory("consumers");
        Path script = Files.writeString(
                directory.resolve("transaction.sql"), "INSERT INTO done (consumer) VALUES (:client_id);\n");
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        for (int i = 0; i < COUNT; i++) {
            Callable<List<Long>> consumer = () -> consume(connection, script, end);
            running.add(threads.submit(consumer));
        }
    }

    private List<Long> consume(String connection, Path script, long end) throws IOException, InterruptedException {
        List<Long> errors = new ArrayList<>();
        while (true) {
            // pgbench knows whole seconds only.
            long seconds = Math.round((end - System.nanoTime()) / 1e9);
            if (seconds < 1) {
                return errors;
            }
            Process process = new ProcessBuilder(
                            "pgbench",
                            "--no-vacuum",
                            "--connect",
                            "--client=1",
                            "--time=" + seconds,
                            "--rate=" + TRANSACTIONS_PER_SECOND,
                            "--file=" + script,
                            "--log",
                            "--log-prefix=" + directory.resolve("log"),
                            connection)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (process.waitFor() != 0) {
                errors.add(System.currentTimeMillis());
                TimeUnit.MILLISECONDS.sleep(AFTER_AN_ERROR_MILLIS);
            }
        }
    }

    /** Waits until all have ended. */
    Outcome outcome() throws Exception {
        List<Long> errors = new ArrayList<>();
        for (Future<List<Long>> consumer : running) {
            errors.addAll(consumer.get());
        }
        List<Transaction> transactions = new ArrayList<>();
        try (Stream<Path> logs = Files.list(directory)) {
            for (Path log : logs.filter(file -> file.getFileName().toString().startsWith("log"))
                    .toList()) {
                for (String line : Files.readAllLines(log, StandardCharsets.US_ASCII)) {
                    transactions.add(transaction(line));
                }
            }
        }
        return new Outcome(transactions, errors);
    }

    /** {@code client_id transaction_no time script_no time_epoch time_us schedule_lag}, times in microseconds. */
    private static Transaction transaction(String line) {
        String[] fields = line.split(" ", -1);
        return new Transaction(
                Long.parseLong(fields[4]) * 1000 + Long.parseLong(fields[5]) / 1000, Long.parseLong(fields[2]) / 1e3);
    }

    @Override
    public void close() throws IOException {
        threads.shutdownNow();
        Commands.delete(directory);
    }
}
