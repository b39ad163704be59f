package link.ambassador.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import link.ambassador.relay.LoopbackPort;

/**
 * What a PROXY protocol header costs: a GET on a connection that began with one, and a connection for one GET. Redis reads no header, so
 * an HAProxy stands in front of it: with {@code accept-proxy} for one relay, without for the other two. These two are alike, and what is
 * between them is no cost of a header.
 */
final class HeaderCost {
    private static final String WITH_HEADER = "ambassador, V2";
    private static final String AGAIN = "ambassador again";
    private static final String CPU = "cpu";

    /** For 2 s of CPU time: the kernel counts it in hundredths of a second. */
    private static final int GETS = 160_000;

    private static final int CONNECTIONS = 8_000;

    private final Lineup lineup;
    private final Rounds rounds;
    private final int seconds;

    HeaderCost(Lineup lineup, Rounds rounds, int seconds) {
        this.lineup = lineup;
        this.rounds = rounds;
        this.seconds = seconds;
    }

    List<Row> gets() throws Exception {
        InetSocketAddress plain = free();
        InetSocketAddress accepting = free();
        try (Program.Server redis = Redis.server();
                Program.Server haproxy = haproxy(redis.address(), plain, accepting);
                Subject without = relay(Lineup.OURS, haproxy.address(), "");
                Subject with = relay(WITH_HEADER, accepting, ", \"upstreamProxyProtocol\": {\"version\": \"V2\"}");
                Subject again = relay(AGAIN, haproxy.address(), "")) {
            List<Subject> subjects = List.of(without, with, again);
            Map<String, Series> gets = rounds.run(
                            "redis GET behind a header",
                            subjects,
                            subject -> Redis.benchmark(subject, GETS * seconds, "1"))
                    .get(CPU);
            Map<String, Series> connects = rounds.run(
                            "connect, header, GET, close",
                            subjects,
                            subject -> Redis.benchmark(subject, CONNECTIONS * seconds, "0"))
                    .get(CPU);
            return List.of(
                    Row.of(
                                    "CPU per GET, connections with a PROXY protocol header",
                                    "µs",
                                    gets,
                                    WITH_HEADER,
                                    List.of(Lineup.OURS),
                                    Bound.timesAtMost(1.02, 1.0))
                            .withNote("beside the same relay without a header, each through an HAProxy"),
                    Row.unjudged("the same, neither with a header", "µs", gets, AGAIN, List.of(Lineup.OURS)),
                    Row.unjudged(
                            "CPU per connection with a PROXY protocol header",
                            "µs",
                            connects,
                            WITH_HEADER,
                            List.of(Lineup.OURS)),
                    Row.unjudged("the same, neither with a header", "µs", connects, AGAIN, List.of(Lineup.OURS)));
        }
    }

    private Subject relay(String name, InetSocketAddress upstream, String words)
            throws IOException, InterruptedException {
        int port = LoopbackPort.free();
        Path table = Files.createTempFile("bench-header", ".json");
        table.toFile().deleteOnExit();
        Files.writeString(
                table,
                """
                {"requires": ["proxy-out/1"], "links": [{"alias": "up", "listen": %d, "targets": [{"host": "127.0.0.1", "port": %d}]%s}]}
                """
                        .formatted(port, upstream.getPort(), words));
        return Subject.start(port, lineup.ours(name, Map.of("AMBASSADOR_LINKS_FILE", table.toString())), upstream);
    }

    private static InetSocketAddress free() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), LoopbackPort.free());
    }

    private static Program.Server haproxy(InetSocketAddress redis, InetSocketAddress plain, InetSocketAddress accepting)
            throws IOException, InterruptedException {
        Path config = Files.createTempFile("bench-haproxy", ".cfg");
        config.toFile().deleteOnExit();
        Files.writeString(
                config,
                """
                defaults
                  mode tcp
                  timeout connect 5s
                  timeout client 1h
                  timeout server 1h
                listen redis
                  bind 127.0.0.1:%d
                  bind 127.0.0.1:%d accept-proxy
                  server redis 127.0.0.1:%d
                """
                        .formatted(plain.getPort(), accepting.getPort(), redis.getPort()));
        return Program.server(plain, "haproxy", "-db", "-f", config.toString());
    }
}
