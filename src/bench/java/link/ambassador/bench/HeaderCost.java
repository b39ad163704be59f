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
 * What a PROXY protocol header costs a relay whose connections have begun with one. Redis reads no header, so an HAProxy stands in
 * front of it: with {@code accept-proxy} for one relay, without for the other.
 */
final class HeaderCost {
    private static final String WITH_HEADER = "ambassador, V2";
    private static final String CPU = "cpu";

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
                Subject without = Subject.start(lineup.ours(), haproxy.address());
                Subject with = withHeader(accepting)) {
            Map<String, Map<String, Series>> figures = rounds.run(
                    "redis GET behind a header",
                    List.of(without, with),
                    subject -> Redis.benchmark(subject, 40_000 * seconds, "1"));
            return List.of(Row.of(
                            "CPU per GET, connections with a PROXY protocol header",
                            "µs",
                            figures.get(CPU),
                            WITH_HEADER,
                            List.of(Lineup.OURS),
                            Bound.timesAtMost(1.02, 1.0))
                    .withNote("beside the same relay without a header, each through an HAProxy"));
        }
    }

    private Subject withHeader(InetSocketAddress upstream) throws IOException, InterruptedException {
        int port = LoopbackPort.free();
        Path table = Files.createTempFile("bench-header", ".json");
        table.toFile().deleteOnExit();
        Files.writeString(
                table,
                """
                {"requires": ["proxy-out/1"], "links": [{"alias": "up", "listen": %d, "targets": [{"host": "127.0.0.1", "port": %d}],
                  "upstreamProxyProtocol": {"version": "V2"}}]}
                """
                        .formatted(port, upstream.getPort()));
        return Subject.start(
                port, lineup.ours(WITH_HEADER, Map.of("AMBASSADOR_LINKS_FILE", table.toString())), upstream);
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
