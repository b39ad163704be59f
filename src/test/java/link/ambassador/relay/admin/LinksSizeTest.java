package link.ambassador.relay.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import link.ambassador.config.Candidate;
import link.ambassador.config.Failover;
import link.ambassador.config.HealthCheck;
import link.ambassador.config.Hold;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.Preflight;
import link.ambassador.config.Target;
import link.ambassador.relay.Relay;
import link.ambassador.relay.RelaySnapshot;
import link.ambassador.relay.Settings;
import link.ambassador.relay.TestRelay;
import link.ambassador.relay.WatchedRelay;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How large the document of a relay can be, and what is left of one that would be too large. */
final class LinksSizeTest {
    private static final int LINKS = 16;
    private static final int TARGETS = LINKS * Link.MAX_TARGETS;
    private static final Duration SOON = Duration.ofMillis(100);

    /** As long as a name can be, in a domain that never has one. */
    private static final String NAME = "n".repeat(63) + "." + ("n".repeat(59) + ".").repeat(3) + "n.invalid";

    private final InetSocketAddress admin = TestRelay.freeAddress();
    private final Relay relay = WatchedRelay.start(Settings.read(Map.of(
            "AMBASSADOR_LISTEN_HOST",
            "127.0.0.1",
            "AMBASSADOR_ADMIN_HOST",
            "127.0.0.1",
            "AMBASSADOR_ADMIN_PORT",
            "" + admin.getPort())));

    @AfterEach
    void stop() {
        relay.close();
    }

    @Test
    void theLargestDocumentOfARelayLeavesRoomInAnAnswer() throws Exception {
        serve(IntStream.range(0, LINKS).mapToObj(i -> link(i, Link.MAX_TARGETS)).toArray(Link[]::new));
        JsonObject document = whole();
        fill(document);
        assertThat(document.toBuffer().length()).as("before").isGreaterThan(2 * LinksSize.MAX_BYTES);

        Buffer written = LinksSize.write(document);

        assertThat(written.length()).isLessThanOrEqualTo(LinksSize.MAX_BYTES);
        assertThat(targets(new JsonObject(written))).hasSize(TARGETS).allSatisfy(target -> {
            assertThat(target.getString("host")).isEqualTo(NAME);
            assertThat(target.getString("lastResult")).isEqualTo("tls_not_offered");
            assertThat(target.getString("lastError")).endsWith("it does not offer TLS");
            assertThat(target.getJsonObject("health").getString("error"))
                    .startsWith("…")
                    .endsWith("with 503");
        });
    }

    @Test
    void theAdminPortAnswersWithAShorterDocument() throws Exception {
        serve(IntStream.range(0, LINKS).mapToObj(i -> link(i, Link.MAX_TARGETS)).toArray(Link[]::new));
        assertThat(whole().toBuffer().length()).isGreaterThan(LinksSize.MAX_BYTES);
        assertThat(links().getBoolean("shortened")).isTrue();
        assertThat(links().toBuffer().length()).isLessThanOrEqualTo(LinksSize.MAX_BYTES);
    }

    @Test
    void anOrdinaryDocumentIsWhole() throws Exception {
        serve(link(1, 1));
        JsonObject document = links();
        assertThat(document.getBoolean("shortened")).isFalse();
        assertThat(document.getJsonArray("links").getJsonObject(0).getJsonArray("listeners"))
                .isNotEmpty();
        assertThat(targets(document))
                .allSatisfy(target -> assertThat(target.getJsonObject("health").getString("error"))
                        .contains(NAME));
    }

    /** Returns when each target has failed a probe. */
    private void serve(Link... links) {
        TestRelay.await(new AdminServer(relay, "1.2.3").start());
        TestRelay.await(relay.apply(LinkTable.of(List.of(links))));
        await().until(() -> targets(whole())
                .allMatch(target -> target.getJsonObject("health").getString("error") != null));
    }

    private JsonObject whole() {
        Promise<JsonObject> document = Promise.promise();
        relay.vertx().runOnContext(onLoop -> document.complete(LinksDocument.of(RelaySnapshot.of(relay), "1.2.3")));
        return TestRelay.await(document.future());
    }

    private JsonObject links() throws IOException {
        try (Socket socket = new Socket(admin.getAddress(), admin.getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write("GET /links HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new JsonObject(answer.substring(answer.indexOf("\r\n\r\n") + 4));
        }
    }

    private static Stream<JsonObject> targets(JsonObject document) {
        return document.getJsonArray("links").stream()
                .flatMap(link -> ((JsonObject) link).getJsonArray("targets").stream())
                .map(target -> (JsonObject) target);
    }

    private static Link link(int number, int targets) {
        HealthCheck.Check tcp = new HealthCheck.Tcp();
        int port = 50_000 + 100 * number;
        return Link.builder(
                        "a".repeat(63),
                        TestRelay.freeAddress().getPort(),
                        IntStream.range(0, targets)
                                .mapToObj(i -> new Target(NAME, port + i))
                                .toList())
                .connectTimeout(SOON)
                .healthCheck(Optional.of(new HealthCheck(
                        tcp, OptionalInt.empty(), HealthCheck.Probing.ALWAYS, Duration.ofHours(1), SOON, 1, 1)))
                .failover(Optional.of(Failover.of(tcp)))
                .preflight(Optional.of(new Preflight(
                        SOON,
                        Optional.of(
                                new Candidate(List.of(new Target(NAME, port)), Optional.empty(), Optional.empty())))))
                .build();
    }

    /** Makes each field as long as a relay can make it, which had a good time once with each target, by TLS. */
    private static void fill(JsonObject document) {
        String name = "\\".repeat(80);
        String time = Instant.EPOCH.plusMillis(1).toString();
        JsonObject peer = new JsonObject()
                .put("version", "TLSv1.3")
                .put("cipher", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256")
                .put("peer", name)
                .put("notAfter", time);
        Hold hold = Hold.of(Instant.now(), Duration.ofMinutes(1));
        document.put("certificates", certificates(name, time));
        document.put(
                "rejected",
                new JsonObject()
                        .put("revision", "r".repeat(63))
                        .put("error", name.repeat(4))
                        .put("at", time));
        document.getJsonArray("links").forEach(each -> {
            JsonObject link = (JsonObject) each;
            link.put("error", "cannot listen on 127.0.0.1: " + name);
            link.put(
                    "hold",
                    new JsonObject(Map.of(
                                    "startedAt",
                                    hold.startedAt().toString(),
                                    "state",
                                    "expired",
                                    "since",
                                    time,
                                    "until",
                                    time,
                                    "endedAt",
                                    time,
                                    "held",
                                    1 << 20,
                                    "heldTotal",
                                    1 << 30,
                                    "overflow",
                                    1 << 30,
                                    "longestWaitMillis",
                                    3_600_000))
                            .copy());
            link.put(
                    "retarget",
                    new JsonObject()
                            .put("from", "5f0c2a9e")
                            .put("drained", 1 << 20)
                            .put("reset", 1 << 20));
            JsonArray downstreams = new JsonArray();
            IntStream.range(0, 21)
                    .forEach(i ->
                            downstreams.add(new JsonObject().put("peer", name).put("open", 1 << 20)));
            link.put("downstreams", downstreams);
            link.getJsonObject("preflight")
                    .put("state", "unreachable")
                    .put("error", NAME + ":50000 (2001:db8:1111:2222:3333:4444:5555:6666): it does not offer TLS");
        });
        targets(document).forEach(target -> target.put("open", 1 << 20)
                .put("dials", new JsonObject(Map.of("ok", 1L << 40, "failed", 1L << 40, "unanswered", 1L << 40)).copy())
                .put("lastResult", "tls_not_offered")
                .put("lastError", NAME + ":50000 (2001:db8:1111:2222:3333:4444:5555:6666): it does not offer TLS")
                .put(
                        "hint",
                        NAME + ":50000"
                                + " closed the latest connections right after the PROXY protocol header: it may not expect one, or not from this relay, or another version")
                .put("tls", peer.copy())
                .getJsonObject("health")
                .put("error", NAME + ":8008: it answered /" + "p".repeat(79) + "… with 503"));
    }

    private static JsonArray certificates(String name, String time) {
        List<JsonObject> certificates = new ArrayList<>();
        for (int i = 0; i < 2 * LINKS; i++) {
            certificates.add(new JsonObject()
                    .put("name", "c".repeat(253))
                    .put("notAfter", time)
                    .put("error", name.repeat(4)));
        }
        return new JsonArray(certificates);
    }
}
