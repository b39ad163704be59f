package link.ambassador.bench.switchover;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Two members of a Patroni cluster with Debian's PostgreSQL 15, and an etcd: on 127.0.0.2 and 127.0.0.3, with the ports that they have in
 * the field. So each cluster needs a network of its own.
 */
final class Patroni implements AutoCloseable {
    private static final String CONFIGURATION =
            """
            scope: orders
            name: member%1$d
            restapi: {listen: '127.0.0.%1$d:8008', connect_address: '127.0.0.%1$d:8008'}
            etcd3: {host: '127.0.0.1:2379'}
            bootstrap:
              dcs: {ttl: 30, loop_wait: 10, retry_timeout: 10, postgresql: {use_pg_rewind: false}}
              initdb: [{encoding: UTF8}, {locale: C}]
            postgresql:
              listen: 127.0.0.%1$d:5432
              connect_address: 127.0.0.%1$d:5432
              data_dir: %2$s/data%1$d
              pgpass: %2$s/pgpass%1$d
              bin_dir: /usr/lib/postgresql/15/bin
              authentication:
                superuser: {username: postgres, password: secret}
                replication: {username: replicator, password: secret}
              pg_hba:
              - local all all trust
              - host all all 127.0.0.0/8 trust
              - host replication all 127.0.0.0/8 trust
              parameters: {unix_socket_directories: '%2$s/sockets%1$d', fsync: 'off'}
            """;

    /** Patroni looks every 10 s whether there is something to do. */
    private static final long START_SECONDS = 120;

    private final Path programs;
    private final Path directory = Files.createTempDirectory("patroni");
    private final HttpClient http = HttpClient.newHttpClient();
    private final List<Process> processes = new ArrayList<>();

    /**
     * Starts it, with the table that the consumers write to.
     *
     * @param programs a directory with {@code patroni} and {@code patronictl}
     */
    Patroni(Path programs) throws IOException, InterruptedException {
        this.programs = programs;
        try {
            for (int member = 2; member <= 3; member++) {
                // Not in the data, which are copied to the replica.
                Files.createDirectory(directory.resolve("sockets" + member));
                Files.writeString(configuration(member), CONFIGURATION.formatted(member, directory));
            }
            Commands.run("chown", "-R", Commands.USER, directory.toString());
            start("etcd", "--data-dir", directory.resolve("etcd").toString(), "--unsafe-no-fsync");
            start(program("patroni"), configuration(2).toString());
            start(program("patroni"), configuration(3).toString());
            Commands.await(
                    "there is a primary and a replica",
                    START_SECONDS,
                    () -> primary() > 0 && is(5 - primary(), "replica"));
            // A replica that does not stream yet would be promoted without what it lacks.
            Commands.await("the replica streams", START_SECONDS, () -> sql("SELECT state FROM pg_stat_replication")
                    .contains("streaming"));
            sql("CREATE TABLE done (consumer int, number serial)");
        } catch (IOException | InterruptedException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private Path configuration(int member) {
        return directory.resolve("member" + member + ".yml");
    }

    private String program(String name) {
        return programs.resolve(name).toString();
    }

    private void start(String... command) throws IOException {
        Path log = directory.resolve("log" + processes.size());
        processes.add(new ProcessBuilder(Commands.userCommand(command))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start());
    }

    /** The last number of the address of the primary; 0 if there is none. */
    private int primary() throws IOException, InterruptedException {
        return is(2, "primary") ? 2 : is(3, "primary") ? 3 : 0;
    }

    private boolean is(int member, String role) throws IOException, InterruptedException {
        try {
            return http.send(
                                    HttpRequest.newBuilder(URI.create("http://127.0.0." + member + ":8008/" + role))
                                            .build(),
                                    HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    == HttpURLConnection.HTTP_OK;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Changes the roles of the two; returns when Patroni says that it is done. */
    void switchOver() throws IOException, InterruptedException {
        Commands.asUser(
                program("patronictl"),
                "-c",
                configuration(2).toString(),
                "switchover",
                "--primary",
                "member" + primary(),
                "--force");
    }

    /** The rows that the consumers wrote and the primary has. */
    long rows() throws IOException, InterruptedException {
        Commands.await("there is a primary", () -> primary() > 0);
        return Long.parseLong(sql("SELECT count(*) FROM done").strip());
    }

    private String sql(String command) throws IOException, InterruptedException {
        return Commands.asUser(
                "psql", "-h", "127.0.0." + primary(), "-d", "postgres", "-U", Commands.USER, "-qAtc", command);
    }

    @Override
    public void close() throws IOException {
        for (int i = processes.size() - 1; i >= 0; i--) {
            Commands.end(processes.get(i));
        }
        // They outlive the Patroni that started them.
        for (int member = 2; member <= 3; member++) {
            Commands.endAsUser(
                    "/usr/lib/postgresql/15/bin/pg_ctl",
                    "-D",
                    directory.resolve("data" + member).toString(),
                    "-m",
                    "immediate",
                    "-w",
                    "stop");
        }
        Commands.delete(directory);
    }
}
