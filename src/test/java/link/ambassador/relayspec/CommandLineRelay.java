package link.ambassador.relayspec;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A relay in its own process. */
public class CommandLineRelay implements RelayUnderTest {

    private static final int START_MILLIS = 60_000;

    /** How a relay gets its listen port and its target. */
    @FunctionalInterface
    public interface CommandLine {
        List<String> of(int listenPort, InetSocketAddress target) throws IOException;
    }

    /** The environment of a relay. */
    @FunctionalInterface
    public interface Environment {
        Map<String, String> of(int listenPort, InetSocketAddress target);
    }

    private final String name;
    private final String version;
    private final CommandLine commandLine;
    private final Environment environment;
    private Process process;

    public CommandLineRelay(String name, String version, CommandLine commandLine) {
        this(name, version, commandLine, (port, target) -> Map.of());
    }

    public CommandLineRelay(String name, String version, CommandLine commandLine, Environment environment) {
        this.name = name;
        this.version = version;
        this.commandLine = commandLine;
        this.environment = environment;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public void start(int listenPort, InetSocketAddress target) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(commandLine.of(listenPort, target))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().putAll(environment.of(listenPort, target));
        process = builder.start();
        awaitListening(listenPort);
    }

    /** Reads the kernel's table: a connect would make the relay dial. */
    private void awaitListening(int port) throws IOException, InterruptedException {
        long end = System.nanoTime() + START_MILLIS * 1_000_000L;
        while (!listening(port)) {
            if (!process.isAlive()) {
                throw new IOException("exit status " + process.exitValue());
            }
            if (System.nanoTime() > end) {
                throw new IOException("not listening after " + START_MILLIS + " ms");
            }
            Thread.sleep(5);
        }
    }

    private static boolean listening(int port) throws IOException {
        String local = String.format(Locale.ROOT, ":%04X", port);
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            Path path = Path.of(table);
            if (!Files.exists(path)) {
                continue;
            }
            for (String line : Files.readAllLines(path, StandardCharsets.US_ASCII)) {
                String[] field = line.trim().split("\\s+", 5);
                if (field[1].endsWith(local) && field[3].equals("0A")) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The process that {@link #start} began. */
    public ProcessHandle process() {
        return process.toHandle();
    }

    @Override
    public void close() throws IOException {
        if (process == null) {
            return;
        }
        // The parent first: it might replace a worker that is gone.
        List<ProcessHandle> children;
        try (Stream<ProcessHandle> descendants = process.descendants()) {
            children = descendants.toList();
        }
        process.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
        try {
            process.waitFor(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
