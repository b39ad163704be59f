package link.ambassador.bench.switchover;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import link.ambassador.relay.LoopbackPort;

/**
 * A PostgreSQL primary and its streaming standby, in a directory of their own. Neither waits for the disk: what is measured is how
 * consumers move, not how fast they write.
 */
final class Postgres implements AutoCloseable {
    private static final String BIN = "/usr/lib/postgresql/15/bin/";
    private static final String LISTEN =
            """
            listen_addresses = '127.0.0.1'
            unix_socket_directories = ''
            port = %d
            fsync = off
            max_connections = 100
            logging_collector = off
            """;

    private final Path directory;
    private final int[] ports = {LoopbackPort.free(), LoopbackPort.free()};

    /** Starts both, with the table that the consumers write to. */
    Postgres() throws IOException, InterruptedException {
        directory = Files.createTempDirectory("switchover");
        Commands.run("chown", Commands.USER, directory.toString());
        try {
            Commands.asUser(BIN + "initdb", "-D", data(0), "-A", "trust", "-U", Commands.USER, "--no-sync");
            configure(0);
            start(0);
            sql(0, "CREATE TABLE done (consumer int, number serial)");
            Commands.asUser(
                    BIN + "pg_basebackup",
                    "-D",
                    data(1),
                    "-h",
                    "127.0.0.1",
                    "-p",
                    port(0),
                    "-U",
                    Commands.USER,
                    "-R",
                    "-X",
                    "stream",
                    "-c",
                    "fast",
                    "--no-sync");
            configure(1);
            start(1);
            awaitStreaming();
        } catch (IOException | InterruptedException | RuntimeException e) {
            close();
            throw e;
        }
    }

    InetSocketAddress primary() {
        return address(0);
    }

    InetSocketAddress standby() {
        return address(1);
    }

    /** Ends the primary once the standby has everything that it wrote. */
    void stopPrimary() throws IOException, InterruptedException {
        Commands.asUser(BIN + "pg_ctl", "-D", data(0), "-m", "fast", "-w", "stop");
    }

    /** Returns when the standby takes writes. */
    void promoteStandby() throws IOException, InterruptedException {
        Commands.asUser(BIN + "pg_ctl", "-D", data(1), "-w", "promote");
    }

    /** The rows that the consumers wrote and the former standby has. */
    long rows() throws IOException, InterruptedException {
        return Long.parseLong(sql(1, "SELECT count(*) FROM done").strip());
    }

    @Override
    public void close() throws IOException {
        for (int server = 0; server < ports.length; server++) {
            Commands.endAsUser(BIN + "pg_ctl", "-D", data(server), "-m", "immediate", "-w", "stop");
        }
        Commands.delete(directory);
    }

    private void configure(int server) throws IOException {
        Files.writeString(
                Path.of(data(server), "postgresql.conf"), LISTEN.formatted(ports[server]), StandardOpenOption.APPEND);
    }

    private void start(int server) throws IOException, InterruptedException {
        Commands.asUser(
                BIN + "pg_ctl",
                "-D",
                data(server),
                "-l",
                directory.resolve("log" + server).toString(),
                "-w",
                "start");
    }

    private void awaitStreaming() throws IOException, InterruptedException {
        Commands.await("the standby streams", () -> sql(0, "SELECT state FROM pg_stat_replication")
                .contains("streaming"));
    }

    private String sql(int server, String command) throws IOException, InterruptedException {
        return Commands.asUser(
                "psql", "-h", "127.0.0.1", "-p", port(server), "-d", "postgres", "-U", Commands.USER, "-qAtc", command);
    }

    private String data(int server) {
        return directory.resolve(server == 0 ? "a" : "b").toString();
    }

    private String port(int server) {
        return Integer.toString(ports[server]);
    }

    private InetSocketAddress address(int server) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), ports[server]);
    }
}
