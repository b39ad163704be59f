package link.ambassador.bench.switchover;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import link.ambassador.relay.LoopbackPort;

/** Debian's PgBouncer with a server connection for each session; {@code PAUSE}, another address, {@code RESUME}. */
final class PgBouncer implements Way {
    private static final String CONFIGURATION =
            """
            [databases]
            postgres = host=127.0.0.1 port=%d
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = %d
            unix_socket_dir =
            auth_type = trust
            auth_file = %s
            admin_users = postgres
            pool_mode = session
            """;

    private final Path directory;
    private final Path configuration;
    private final int port = LoopbackPort.free();
    private final Process process;

    PgBouncer(InetSocketAddress primary) throws IOException, InterruptedException {
        directory = Files.createTempDirectory("pgbouncer");
        configuration = directory.resolve("pgbouncer.ini");
        Files.writeString(directory.resolve("users"), "\"postgres\" \"\"\n");
        configure(primary);
        Commands.run("chown", "-R", Commands.USER, directory.toString());
        process = new ProcessBuilder(Commands.userCommand("/usr/sbin/pgbouncer", "-q", configuration.toString()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        Commands.await("PgBouncer answers", () -> {
            try {
                console("SHOW VERSION");
                return true;
            } catch (IOException notYet) {
                return false;
            }
        });
    }

    @Override
    public String connection() {
        return Way.connectionTo(port);
    }

    @Override
    public void hold() throws IOException, InterruptedException {
        console("PAUSE");
    }

    @Override
    public void move(InetSocketAddress primary) throws IOException, InterruptedException {
        configure(primary);
        console("RELOAD");
        console("RESUME");
    }

    private void configure(InetSocketAddress primary) throws IOException {
        Files.writeString(configuration, CONFIGURATION.formatted(primary.getPort(), port, directory.resolve("users")));
    }

    private void console(String command) throws IOException, InterruptedException {
        Commands.asUser(
                "psql",
                "-h",
                "127.0.0.1",
                "-p",
                Integer.toString(port),
                "-d",
                "pgbouncer",
                "-U",
                Commands.USER,
                "-qAtc",
                command);
    }

    @Override
    public void close() throws IOException {
        Commands.end(process);
        Commands.delete(directory);
    }
}
