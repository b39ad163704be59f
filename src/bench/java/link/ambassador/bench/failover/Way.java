package link.ambassador.bench.failover;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import link.ambassador.relay.LoopbackPort;
import link.ambassador.relayspec.CommandLineRelay;
import link.ambassador.relayspec.Peers;

/** What is between the consumers and two Redis: one check every {@value #INTERVAL_MILLIS} ms, two failures, connections closed. */
final class Way implements AutoCloseable {
    static final int INTERVAL_MILLIS = 500;

    /** The two ways. */
    enum Kind {
        AMBASSADOR("ambassador"),
        HAPROXY("HAProxy");

        private final String title;

        Kind(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }
    }

    private static final Pattern TARGET =
            Pattern.compile("\"open\":(\\d+),\"dials\".*?\"health\":\\{\"state\":\"(\\w+)\"");
    private static final Pattern CHECKS = Pattern.compile("(?m)^ambassador_health_checks_total\\{.*} ([0-9.E]+)$");

    private final Path directory = Files.createTempDirectory("failover");
    private final int port = LoopbackPort.free();
    private final int admin = LoopbackPort.free();
    private final CommandLineRelay relay;
    private final HttpClient http = HttpClient.newHttpClient();

    /**
     * One target of the relay, at one moment.
     *
     * @param open how many connections it has
     */
    record Target(int open, boolean isHealthy) {}

    /**
     * Starts it. The first Redis is preferred.
     *
     * @param checksRole whether it asks each for its role; otherwise it connects
     * @param always whether the relay probes all the time; HAProxy always does
     */
    Way(Kind kind, Path image, Redis first, Redis second, boolean checksRole, boolean always)
            throws IOException, InterruptedException {
        if (kind == Kind.AMBASSADOR) {
            Path table = Files.writeString(directory.resolve("links.json"), table(first, second, checksRole, always));
            relay = Peers.ours(
                    kind.title(),
                    Peers.inImage(image),
                    Map.of(
                            "AMBASSADOR_LINKS_FILE",
                            table.toString(),
                            "AMBASSADOR_ADMIN_PORT",
                            Integer.toString(admin)));
        } else {
            Path configuration =
                    Files.writeString(directory.resolve("haproxy.cfg"), haproxy(first, second, checksRole));
            relay = new CommandLineRelay(
                    kind.title(),
                    "",
                    (listen, target) -> List.of("/usr/sbin/haproxy", "-db", "-f", configuration.toString()));
        }
        relay.start(port, Redis.address(first.port()));
    }

    private String table(Redis first, Redis second, boolean checksRole, boolean always) {
        String check = checksRole
                ? "\"type\":\"Exchange\",\"exchange\":{\"steps\":[{\"send\":\"INFO replication\\r\\n\",\"expect\":\"role:master\"}]}"
                : "\"type\":\"TCP\"";
        return """
                {"requires":["health/1"],"links":[{"alias":"redis","listen":%d,"connectTimeout":"1s",
                "targets":[{"host":"127.0.0.1","port":%d},{"host":"127.0.0.1","port":%d}],
                "healthCheck":{%s,"probe":"%s","interval":"%dms"},"failover":{"existingConnections":"Close"}}]}
                """
                .formatted(port, first.port(), second.port(), check, always ? "Always" : "OnFailure", INTERVAL_MILLIS);
    }

    private String haproxy(Redis first, Redis second, boolean checksRole) {
        String check = checksRole
                ? """
                    option tcp-check
                    tcp-check send "INFO replication\\r\\n"
                    tcp-check expect string role:master
                  """
                : "";
        return """
                global
                  nbthread 1
                  maxconn 4000
                defaults
                  mode tcp
                  maxconn 4000
                  timeout connect 1s
                  timeout check 1s
                  timeout client 1m
                  timeout server 1m
                  retries 3
                  option redispatch 1
                listen redis
                  bind 127.0.0.1:%d backlog 4096
                %s  default-server check inter %dms fall 2 rise 1 on-marked-down shutdown-sessions
                  server first 127.0.0.1:%d
                  server second 127.0.0.1:%d backup
                """
                .formatted(port, check, INTERVAL_MILLIS, first.port(), second.port());
    }

    InetSocketAddress address() {
        return Redis.address(port);
    }

    /** The two targets of the relay. */
    List<Target> targets() throws IOException, InterruptedException {
        Matcher found = TARGET.matcher(get("/links"));
        return found.results()
                .map(target -> new Target(
                        Integer.parseInt(target.group(1)), target.group(2).equals("healthy")))
                .toList();
    }

    /** How many health checks the relay has made. */
    long healthChecks() throws IOException, InterruptedException {
        return CHECKS.matcher(get("/metrics"))
                .results()
                .mapToLong(line -> (long) Double.parseDouble(line.group(1)))
                .sum();
    }

    private String get(String path) throws IOException, InterruptedException {
        return http.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Override
    public void close() throws IOException {
        relay.close();
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }
}
