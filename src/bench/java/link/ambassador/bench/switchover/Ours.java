package link.ambassador.bench.switchover;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import link.ambassador.relay.LoopbackPort;
import link.ambassador.relayspec.CommandLineRelay;
import link.ambassador.relayspec.Peers;

/** This relay as in the image, which reads its table from a file: with a hold around the switchover, or without. */
final class Ours implements Way {
    private static final Pattern OPEN = Pattern.compile("\"open\"\\s*:\\s*(\\d+)\\s*,\\s*\"dials\"");
    private static final Pattern APPLIED = Pattern.compile("\"revision\"\\s*:\\s*\"2\"");
    private static final String HOLD = ",\"hold\":{\"startedAt\":\"%s\",\"timeout\":\"60s\"}";
    private static final String WHEN_UNAVAILABLE = ",\"whenUnavailable\":{\"action\":\"Hold\",\"timeout\":\"30s\"}";

    private final Path directory = Files.createTempDirectory("ambassador");
    private final Path file = directory.resolve("links.json");
    private final int port = LoopbackPort.free();
    private final int admin = LoopbackPort.free();
    private final boolean holds;
    private final InetSocketAddress former;
    private final CommandLineRelay relay;
    private final HttpClient http = HttpClient.newHttpClient();

    /**
     * Starts the relay.
     *
     * @param holds with a hold before the primary stops; otherwise with {@code whenUnavailable} alone, all the time
     */
    Ours(Path image, InetSocketAddress primary, boolean holds) throws IOException, InterruptedException {
        this.holds = holds;
        this.former = primary;
        write("1", primary, holds ? "" : WHEN_UNAVAILABLE);
        relay = Peers.ours(
                "ambassador",
                Peers.inImage(image),
                Map.of("AMBASSADOR_LINKS_FILE", file.toString(), "AMBASSADOR_ADMIN_PORT", Integer.toString(admin)));
        relay.start(port, primary);
        // The first request of this JVM's client takes a tenth of a second.
        links();
    }

    @Override
    public String connection() {
        return Way.connectionTo(port);
    }

    @Override
    public void hold() throws IOException, InterruptedException {
        if (holds) {
            write("2", former, HOLD.formatted(Instant.now().truncatedTo(ChronoUnit.SECONDS)));
            Commands.await("no connection to the primary is left", () -> {
                String links = links();
                Matcher open = OPEN.matcher(links);
                return APPLIED.matcher(links).find()
                        && open.find()
                        && open.group(1).equals("0");
            });
        }
    }

    @Override
    public void move(InetSocketAddress primary) throws IOException {
        write("3", primary, holds ? "" : WHEN_UNAVAILABLE);
    }

    private void write(String revision, InetSocketAddress primary, String more) throws IOException {
        Path next = Files.writeString(
                directory.resolve("next"),
                "{\"revision\":\"%s\",\"links\":[{\"alias\":\"db\",\"listen\":%d,\"targets\":[{\"host\":\"127.0.0.1\",\"port\":%d}]%s}]}"
                        .formatted(revision, port, primary.getPort(), more));
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private String links() throws IOException, InterruptedException {
        return http.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin + "/links"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Override
    public void close() throws IOException {
        relay.close();
        Commands.delete(directory);
    }
}
