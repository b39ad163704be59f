package link.ambassador.relay;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;

/** A process of Debian's PgBouncer with at most {@value #CONNECTIONS} connections to its server. */
final class PoolOfPgBouncer implements AutoCloseable {
    static final int CONNECTIONS = 4;

    private final Path directory;
    private final int port;
    private final Process process;

    private PoolOfPgBouncer(Path directory, int port, Process process) {
        this.directory = directory;
        this.port = port;
        this.process = process;
    }

    /** Returns when it accepts connections. */
    static PoolOfPgBouncer start(InetSocketAddress server) throws IOException, InterruptedException {
        int status = new ProcessBuilder("src/test/debian-packages", "pgbouncer=pgbouncer")
                .inheritIO()
                .start()
                .waitFor();
        if (status != 0) {
            throw new IllegalStateException("no pgbouncer: src/test/debian-packages says above how to get it");
        }
        Path directory = Files.createTempDirectory("pgbouncer");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        int port = LoopbackPort.free();
        Path users = Files.writeString(directory.resolve("users"), "\"app\" \"\"\n");
        Path configuration = Files.writeString(
                directory.resolve("pgbouncer.ini"),
                """
                [databases]
                postgres = host=127.0.0.1 port=%d
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = %d
                unix_socket_dir =
                auth_type = trust
                auth_file = %s
                pool_mode = transaction
                default_pool_size = %d
                server_tls_sslmode = prefer
                """
                        .formatted(server.getPort(), port, users, CONNECTIONS));
        Process process = new ProcessBuilder(RealPostgres.asUser("/usr/sbin/pgbouncer", "-q", configuration.toString()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        PoolOfPgBouncer pool = new PoolOfPgBouncer(directory, port, process);
        try {
            await("pgbouncer on port " + port).atMost(Duration.ofSeconds(20)).until(pool::accepts);
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
        return pool;
    }

    private boolean accepts() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    int port() {
        return port;
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly().onExit().join();
        for (String name : new String[] {"users", "pgbouncer.ini"}) {
            Files.delete(directory.resolve(name));
        }
        Files.delete(directory);
    }
}
