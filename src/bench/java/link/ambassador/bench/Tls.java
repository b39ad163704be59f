package link.ambassador.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import link.ambassador.relayspec.CommandLineRelay;
import link.ambassador.relayspec.Peers;
import link.ambassador.relayspec.TlsCertificates;
import link.ambassador.relayspec.TlsPeers;
import link.ambassador.relayspec.TlsPeers.Side;
import link.ambassador.relayspec.TlsPeers.Version;

/** Two relays of a kind with mutual TLS 1.3 in between. Each connection has a handshake of its own: no session is resumed. */
final class Tls {
    private static final String STUNNEL = "stunnel4";
    private static final String GHOSTUNNEL = "ghostunnel";
    private static final List<String> TLS_PEERS = List.of(Lineup.HAPROXY, Lineup.NGINX, STUNNEL, GHOSTUNNEL);
    private static final int PAIRS = 1_000;

    private final Lineup lineup;
    private final Rounds rounds;
    private final int seconds;
    private final Bulk bulk;

    Tls(Lineup lineup, Rounds rounds, int seconds, Bulk bulk) {
        this.lineup = lineup;
        this.rounds = rounds;
        this.seconds = seconds;
        this.bulk = bulk;
    }

    private interface Workload {
        List<Row> run(List<Subject> subjects) throws Exception;
    }

    private List<Row> with(Program.Server server, Workload workload) throws Exception {
        TlsPeers peers = new TlsPeers(TlsCertificates.make());
        List<Subject> subjects = new ArrayList<>(List.of(Subject.direct(server.address())));
        try (server) {
            InetSocketAddress upstream = server.address();
            subjects.add(Subject.pair(
                    Lineup.HAPROXY,
                    peers.haproxy(Version.TLS_1_3, Side.NEAR),
                    peers.haproxy(Version.TLS_1_3, Side.FAR),
                    upstream));
            subjects.add(Subject.pair(
                    Lineup.NGINX,
                    peers.nginx(Version.TLS_1_3, Side.NEAR),
                    peers.nginx(Version.TLS_1_3, Side.FAR),
                    upstream));
            subjects.add(Subject.pair(
                    STUNNEL,
                    peers.stunnel(Version.TLS_1_3, Side.NEAR),
                    peers.stunnel(Version.TLS_1_3, Side.FAR),
                    upstream));
            if (TlsPeers.hasGhostunnel()) {
                subjects.add(
                        Subject.pair(GHOSTUNNEL, peers.ghostunnel(Side.NEAR), peers.ghostunnel(Side.FAR), upstream));
            }
            subjects.add(Subject.pair(Lineup.OURS, ours(peers, Side.NEAR), ours(peers, Side.FAR), upstream));
            return workload.run(subjects);
        } finally {
            Lineup.close(subjects);
        }
    }

    private CommandLineRelay ours(TlsPeers peers, Side side) {
        return peers.ours(Peers.inImage(lineup.image()), Version.TLS_1_3, side, Map.of());
    }

    List<Row> bulk() throws Exception {
        return with(Bulk.server(), subjects -> {
            Map<String, Map<String, Series>> figures = rounds.run("bulk in TLS", subjects, bulk::move);
            return List.of(
                    judged("TLS: one stream, bulk", "Gbit/s", figures.get("rate")),
                    Row.unjudged("TLS: CPU per GiB of both relays", "s", figures.get("cpu"), Lineup.OURS, TLS_PEERS));
        });
    }

    List<Row> gets() throws Exception {
        return with(Redis.server(), subjects -> {
            Map<String, Map<String, Series>> figures =
                    rounds.run("GET in TLS", subjects, subject -> Redis.benchmark(subject, 20_000 * seconds, "1"));
            return List.of(
                    judged("TLS: redis GET, 50 connections", "1/s", figures.get("rate")),
                    Row.unjudged("TLS: CPU per GET of both relays", "µs", figures.get("cpu"), Lineup.OURS, TLS_PEERS));
        });
    }

    List<Row> handshakes() throws Exception {
        return with(Redis.server(), subjects -> {
            Map<String, Map<String, Series>> figures = rounds.run(
                    "handshake, GET, close", subjects, subject -> Redis.benchmark(subject, 1_000 * seconds, "0"));
            return List.of(
                    judged("TLS: handshake + one request + close", "1/s", figures.get("rate")),
                    Row.unjudged(
                            "TLS: CPU per connection of both relays",
                            "µs",
                            figures.get("cpu"),
                            Lineup.OURS,
                            TLS_PEERS));
        });
    }

    private static Row judged(String what, String unit, Map<String, Series> figures) {
        return Row.of(what, unit, figures, Lineup.OURS, TLS_PEERS, Bound.timesAtLeast(0.9, 1.0));
    }

    /** Of the near relay, whose downstreams have no TLS. */
    List<Row> memory() throws Exception {
        Map<String, List<Double>> first = new LinkedHashMap<>();
        Map<String, List<Double>> link = new LinkedHashMap<>();
        Map<String, List<Double>> perPair = new LinkedHashMap<>();
        for (int round = 0; round < Math.min(rounds.rounds(), 3); round++) {
            TlsPeers peers = new TlsPeers(TlsCertificates.make());
            double plain;
            try (ServerSocketChannel upstream = upstream();
                    Subject subject = Subject.start(lineup.ours(), address(upstream))) {
                plain = afterFirst(subject, upstream);
            }
            try (ServerSocketChannel upstream = upstream();
                    Subject subject = Subject.pair(
                            Lineup.OURS, ours(peers, Side.NEAR), ours(peers, Side.FAR), address(upstream))) {
                TimeUnit.SECONDS.sleep(Idle.SETTLE_SECONDS);
                Idle.add(link, subject, subject.process().privateMib());
                Idle.add(first, subject, afterFirst(subject, upstream) - plain);
                Idle.add(perPair, subject, Idle.perPair(subject, upstream, PAIRS));
            }
            try (ServerSocketChannel upstream = upstream();
                    Subject subject = Subject.pair(
                            Lineup.HAPROXY,
                            peers.haproxy(Version.TLS_1_3, Side.NEAR),
                            peers.haproxy(Version.TLS_1_3, Side.FAR),
                            address(upstream))) {
                Idle.add(perPair, subject, Idle.perPair(subject, upstream, PAIRS));
            }
        }
        return List.of(
                Row.unjudged(
                        "TLS: memory of a relay with a link and no connection yet: private",
                        "MiB",
                        Idle.series(link),
                        Lineup.OURS,
                        List.of()),
                Row.of(
                        "TLS: private memory that the first connection adds, over one without TLS",
                        "MiB",
                        Idle.series(first),
                        Lineup.OURS,
                        List.of(),
                        Bound.atMost(15, 8)),
                Row.of(
                        "TLS: private memory per idle pair, of " + PAIRS,
                        "KiB",
                        Idle.series(perPair),
                        Lineup.OURS,
                        List.of(Lineup.HAPROXY),
                        Bound.atMost(40, 16)));
    }

    private static ServerSocketChannel upstream() throws IOException {
        return ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), PAIRS);
    }

    private static InetSocketAddress address(ServerSocketChannel upstream) throws IOException {
        return (InetSocketAddress) upstream.getLocalAddress();
    }

    /** With one connection, a while after it. */
    private static double afterFirst(Subject subject, ServerSocketChannel upstream) throws Exception {
        List<SocketChannel> open = new ArrayList<>();
        try {
            Idle.open(subject, upstream, 1, open);
            TimeUnit.SECONDS.sleep(Idle.SETTLE_SECONDS);
            return subject.process().privateMib();
        } finally {
            Idle.close(open);
        }
    }
}
