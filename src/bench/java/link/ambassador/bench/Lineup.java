package link.ambassador.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import link.ambassador.relayspec.CommandLineRelay;
import link.ambassador.relayspec.Peers;

/** The subjects of a run, each with one thread. */
final class Lineup {
    static final String DIRECT = "direct";
    static final String HAPROXY = "HAProxy";
    static final String HAPROXY_SPLICING = "HAProxy splicing";
    static final String NGINX = "nginx";
    static final String SOCAT = "socat";
    static final String OURS = "ambassador";
    static final String OURS_COPYING = "ambassador copying";

    static final List<String> SPLICING = List.of(HAPROXY_SPLICING, OURS);
    static final List<String> COPYING = List.of(HAPROXY, NGINX, SOCAT, OURS_COPYING);

    /** The peers, for rows in which none splices. */
    static final List<String> PEERS = List.of(HAPROXY, NGINX, SOCAT);

    private final Path image;

    /** @param image a directory like {@code /ambassador} in the image */
    Lineup(Path image) {
        this.image = image;
    }

    Path image() {
        return image;
    }

    CommandLineRelay ours() {
        return ours(Map.of());
    }

    CommandLineRelay ours(Map<String, String> environment) {
        return ours(OURS, environment);
    }

    CommandLineRelay ours(String name, Map<String, String> environment) {
        return Peers.ours(name, Peers.inImage(image), environment);
    }

    CommandLineRelay oursCopying() {
        return Peers.ours(OURS_COPYING, Peers.inImage(image), Map.of("AMBASSADOR_SPLICE", "never"));
    }

    /** The relay in a JVM like the image's; {@code turnsPort} returns the longest turn of its event loop. */
    CommandLineRelay watched(int turnsPort, Map<String, String> environment) {
        Map<String, String> told = new HashMap<>(environment);
        told.put("BENCH_TURNS_PORT", Integer.toString(turnsPort));
        return Peers.ours(
                OURS,
                List.of(
                        "java",
                        "-XX:AOTCache=" + image.resolve("relay.aot"),
                        "@" + image.resolve("relay.args"),
                        "-Djava.library.path=" + image.resolve("native"),
                        "-cp",
                        image.resolve("relay.jar") + ":" + image.resolve("watched.jar"),
                        "link.ambassador.relay.WatchedRelayProcess"),
                told);
    }

    static CommandLineRelay haproxy() {
        return Peers.haproxy(HAPROXY, List.of());
    }

    static CommandLineRelay haproxySplicing() {
        return Peers.haproxy(HAPROXY_SPLICING, List.of("option splice-request", "option splice-response"));
    }

    /** This relay and every peer. */
    List<Supplier<CommandLineRelay>> relays() {
        return List.of(Lineup::haproxy, () -> Peers.nginx(NGINX, true), Peers::socat, this::ours);
    }

    List<Supplier<CommandLineRelay>> withoutSocat() {
        return List.of(Lineup::haproxy, () -> Peers.nginx(NGINX, true), this::ours);
    }

    /** All {@link #relays}, each also in its splicing or copying variant. */
    List<Supplier<CommandLineRelay>> relaysAndTwins() {
        List<Supplier<CommandLineRelay>> relays = new ArrayList<>(relays());
        relays.add(Lineup::haproxySplicing);
        relays.add(this::oursCopying);
        return relays;
    }

    /** Starts them in front of one upstream; the direct connection is the first. */
    static List<Subject> start(List<Supplier<CommandLineRelay>> relays, InetSocketAddress upstream)
            throws IOException, InterruptedException {
        List<Subject> subjects = new ArrayList<>(List.of(Subject.direct(upstream)));
        try {
            for (Supplier<CommandLineRelay> relay : relays) {
                subjects.add(Subject.start(relay.get(), upstream));
            }
        } catch (IOException | InterruptedException e) {
            close(subjects);
            throw e;
        }
        return subjects;
    }

    static void close(List<Subject> subjects) throws IOException {
        for (Subject subject : subjects) {
            subject.close();
        }
    }
}
