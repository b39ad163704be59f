package link.ambassador.relay;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import link.ambassador.relay.tls.TestAuthority;

/** A process of Debian's PostgreSQL 15, with a database in a directory of its own, psql and pgbench. */
final class RealPostgres implements AutoCloseable {
    private static final Path PROGRAMS = Path.of("/usr/lib/postgresql/15/bin");

    private static final boolean ROOT = System.getProperty("user.name").equals("root");

    private final Path directory;
    private final int port;
    private final Process process;

    private RealPostgres(Path directory, int port, Process process) {
        this.directory = directory;
        this.port = port;
        this.process = process;
    }

    /** What psql printed, and how it ended. */
    record Answer(int status, String text) {}

    /** Returns when it answers, with TLS by this certificate; null: without TLS. */
    static RealPostgres start(TestAuthority.Leaf certificate) throws IOException, InterruptedException {
        install();
        Path directory = Files.createTempDirectory("postgres");
        Path data = directory.resolve("data");
        // PostgreSQL does not run as root.
        if (ROOT) {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        }
        run(asUser(
                PROGRAMS.resolve("initdb").toString(),
                "-D",
                data.toString(),
                "-U",
                "app",
                "-A",
                "trust",
                "-N",
                "--no-instructions"));
        List<String> server = asUser(
                PROGRAMS.resolve("postgres").toString(),
                "-D",
                data.toString(),
                "-k",
                directory.toString(),
                "-h",
                "127.0.0.1",
                "-p");
        int port = LoopbackPort.free();
        server.addAll(List.of(Integer.toString(port), "-c", "fsync=off"));
        if (certificate != null) {
            Path pair = directory.resolve("pair");
            certificate.write(pair);
            for (String name : List.of("tls.crt", "tls.key")) {
                Path copy = data.resolve(name);
                Files.copy(pair.resolve(name), copy);
                run(List.of("chmod", "600", copy.toString()));
                if (ROOT) {
                    run(List.of("chown", "nobody:nogroup", copy.toString()));
                }
            }
            server.addAll(List.of("-c", "ssl=on", "-c", "ssl_cert_file=tls.crt", "-c", "ssl_key_file=tls.key"));
        }
        Process process = new ProcessBuilder(server)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        RealPostgres postgres = new RealPostgres(directory, port, process);
        try {
            await("postgres on port " + port)
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> postgres.select(port, "disable", "1").status() == 0);
        } catch (RuntimeException e) {
            postgres.close();
            throw e;
        }
        return postgres;
    }

    private static void install() throws IOException, InterruptedException {
        run(new ArrayList<>(List.of(
                "src/test/debian-packages",
                PROGRAMS.resolve("postgres") + "=postgresql-15",
                "psql=postgresql-client-15")));
    }

    /** A command that root runs as nobody. */
    static List<String> asUser(String... command) {
        List<String> all = new ArrayList<>(
                ROOT ? List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups") : List.of());
        all.addAll(List.of(command));
        return all;
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException(String.join(" ", command) + ": " + text);
        }
    }

    int port() {
        return port;
    }

    /** Asks by psql, through whatever listens on {@code through}. */
    Answer select(int through, String sslmode, String what) throws IOException, InterruptedException {
        return ask(through, sslmode, "psql", "-Atc", "select " + what);
    }

    /** Runs pgbench with these arguments, through whatever listens on {@code through}. */
    Answer pgbench(int through, String sslmode, String... arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(PROGRAMS.resolve("pgbench").toString()));
        command.addAll(List.of(arguments));
        return ask(through, sslmode, command.toArray(String[]::new));
    }

    private Answer ask(int through, String sslmode, String... command) throws IOException, InterruptedException {
        ProcessBuilder client = new ProcessBuilder(command).redirectErrorStream(true);
        client.environment()
                .putAll(Map.of(
                        "PGHOST", "127.0.0.1",
                        "PGPORT", Integer.toString(through),
                        "PGUSER", "app",
                        "PGDATABASE", "postgres",
                        "PGSSLMODE", sslmode,
                        "PGCONNECT_TIMEOUT", "20",
                        "HOME", directory.toString()));
        Process process = client.start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Answer(process.waitFor(), text.strip());
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            process.onExit().get(20, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            process.destroyForcibly().onExit().join();
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted((one, other) -> other.compareTo(one)).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
