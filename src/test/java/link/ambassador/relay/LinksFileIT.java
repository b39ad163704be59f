package link.ambassador.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import link.ambassador.config.ExistingConnections;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.LinkTableWriter;
import link.ambassador.config.Source;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The relay as users run it, with its links in a file. */
class LinksFileIT {
    private static final Duration PROMPTLY = Duration.ofSeconds(5);

    @TempDir
    private Path directory;

    private final int port = LoopbackPort.free();
    private StampingUpstream a;
    private StampingUpstream b;
    private Path file;

    @BeforeEach
    void start() throws IOException {
        a = new StampingUpstream('a');
        b = new StampingUpstream('b');
        file = directory.resolve("links.json");
    }

    @AfterEach
    void stop() throws IOException {
        a.close();
        b.close();
    }

    @Test
    void aRenameMovesTrafficToTheNewTarget() throws Exception {
        LinksFile links = new LinksFile(file);
        links.replace(table("1", a));
        try (JavaRelay relay = relay(Map.of()).started()) {
            assertThat(stamp()).isEqualTo('a');
            links.replace(table("2", b));
            untilOk(() -> stamp() == 'b');
            assertThat(relay.stderr()).isEmpty();
        }
    }

    @Test
    void aWriteInPlaceMovesTrafficToTheNewTarget() throws Exception {
        Files.write(file, LinkTableWriter.write(table("1", a)));
        try (JavaRelay relay = relay(Map.of()).started()) {
            assertThat(stamp()).isEqualTo('a');
            Files.write(file, LinkTableWriter.write(table("2", b)));
            untilOk(() -> stamp() == 'b');
            assertThat(relay.stderr()).isEmpty();
        }
    }

    @Test
    void aVolumeWhoseDataIsSwappedMovesTrafficToTheNewTarget() throws Exception {
        swapData("..1", table("1", a));
        Files.createSymbolicLink(file, Path.of("..data/links.json"));
        try (JavaRelay relay = relay(Map.of()).started()) {
            assertThat(stamp()).isEqualTo('a');
            swapData("..2", table("2", b));
            untilOk(() -> stamp() == 'b');
            assertThat(relay.stderr()).isEmpty();
        }
    }

    @Test
    void withoutATableItWaitsAndReportsThatAndThenServes() throws Exception {
        try (JavaRelay relay =
                relay(Map.of()).expecting(" WARN rejected the link table, keeping the previous one: .*half-way")) {
            untilOk(() -> relay.ask("GET", "/startz").body().contains("there is no file " + file));
            assertThat(relay.ask("GET", "/startz").statusCode()).isEqualTo(503);
            assertThat(relay.ask("GET", "/livez").statusCode()).isEqualTo(200);
            Files.writeString(file, "{\"links\":");
            untilOk(() -> relay.ask("GET", "/startz").body().contains("half-way"));
            new LinksFile(file).replace(table("1", a));
            relay.started();
            assertThat(stamp()).isEqualTo('a');
            assertThat(relay.terminate(PROMPTLY)).isZero();
            assertThat(relay.stderr()).isEmpty();
        }
    }

    @Test
    void aFileAppearsOnceTheRelayHasStarted() throws Exception {
        Path started = directory.resolve("started");
        try (JavaRelay relay = relay(Map.of("AMBASSADOR_STARTED_FILE", started.toString()))) {
            untilOk(() -> relay.ask("GET", "/startz").body().contains("there is no file " + file));
            assertThat(started).doesNotExist();

            new LinksFile(file).replace(table("1", a));

            await().atMost(PROMPTLY).until(() -> Files.exists(started));
            assertThat(relay.ask("GET", "/startz").statusCode()).isEqualTo(200);
            assertThat(stamp()).isEqualTo('a');
        }
    }

    @Test
    void aRelayThatCannotSayByAFileThatItHasStartedServesAndSaysWhy() throws Exception {
        new LinksFile(file).replace(table("1", a));
        try (JavaRelay relay = relay(toSayItStartedNowhere())
                .expecting(" WARN cannot write .*AMBASSADOR_STARTED_FILE must name a file in a writable folder")
                .started()) {
            assertThat(stamp()).isEqualTo('a');
            await().atMost(PROMPTLY).until(() -> relay.stdout().contains(" WARN "));
        }
    }

    @Test
    void aTestFailsForAWarningOfItsRelayThatItDoesNotExpect() throws Exception {
        new LinksFile(file).replace(table("1", a));
        JavaRelay relay = relay(toSayItStartedNowhere()).started();
        await().atMost(PROMPTLY).until(() -> relay.stdout().contains(" WARN "));

        assertThatThrownBy(relay::close).hasMessageContaining(" WARN cannot write ");
    }

    private Map<String, String> toSayItStartedNowhere() {
        return Map.of(
                "AMBASSADOR_STARTED_FILE", directory.resolve("nowhere/started").toString());
    }

    @Test
    void sigtermWhileItWaitsIsASuccess() throws Exception {
        try (JavaRelay relay = relay(Map.of())) {
            untilOk(() -> relay.ask("GET", "/livez").statusCode() == 200);
            assertThat(relay.terminate(PROMPTLY)).isZero();
        }
    }

    @Test
    void theAcknowledgementHasRevisionAndSourcesOfTheTable() throws Exception {
        LinksFile links = new LinksFile(file);
        links.replace(("{\"revision\":\"5f0c2a9e\",\"color\":1,"
                        + "\"sources\":[{\"namespace\":\"shop\",\"name\":\"db\",\"generation\":3}],\"links\":[]}")
                .getBytes(StandardCharsets.UTF_8));
        try (JavaRelay relay = relay(Map.of())
                .expecting(" WARN rejected the link table, keeping the previous one: links\\[0]\\.listen")
                .started()) {
            JsonObject applied = acknowledgement(relay).getJsonObject("applied");
            assertThat(applied.getString("revision")).isEqualTo("5f0c2a9e");
            assertThat(applied.getJsonArray("sources").getJsonObject(0).getInteger("generation"))
                    .isEqualTo(3);
            assertThat(applied.getJsonArray("unknownFields")).containsExactly("color");

            links.replace("{\"revision\":\"next\",\"links\":[{\"alias\":\"db\",\"listen\":0}]}"
                    .getBytes(StandardCharsets.UTF_8));
            untilOk(() -> acknowledgement(relay).getJsonObject("rejected") != null);
            JsonObject rejected = acknowledgement(relay).getJsonObject("rejected");
            assertThat(rejected.getString("revision")).isEqualTo("next");
            assertThat(rejected.getString("error")).startsWith("links[0].listen: found");
            assertThat(acknowledgement(relay).getJsonObject("applied")).isEqualTo(applied);
            assertThat(relay.ask("GET", "/metrics").body())
                    .contains("ambassador_table_applied_total 1.0")
                    .contains("ambassador_table_rejected_total 1.0")
                    .contains("ambassador_table_current 0.0");
        }
    }

    /** Connects to the preferred target, passes it over while it is dead, and returns to it 10 s later. */
    @Test
    void theFirstTargetThatAnswersServesUntilThePreferredDoes() throws Exception {
        InetSocketAddress preferred = TestRelay.freeAddress();
        new LinksFile(file)
                .replace(LinkTable.of(
                        List.of(TestRelay.link(port, ExistingConnections.KEEP, PROMPTLY, preferred, a.address()))));
        try (JavaRelay relay = relay(Map.of()).started()) {
            assertThat(stamp()).isEqualTo('a');
            JsonObject dead = target(relay, 0);
            assertThat(dead.getBoolean("ejected")).isTrue();
            assertThat(dead.getString("lastResult")).isEqualTo("refused");
            assertThat(dead.getString("lastError")).contains("refused");
            assertThat(dead.getString("lastAt")).isNotNull();
            assertThat(target(relay, 1).getBoolean("active")).isTrue();

            try (StampingUpstream back = new StampingUpstream('p', preferred)) {
                assertThat(back.address()).isEqualTo(preferred);
                assertThat(stamp()).isEqualTo('a');
                await().atMost(Duration.ofSeconds(15)).until(() -> stamp() == 'p');
                assertThat(target(relay, 0).getBoolean("active")).isTrue();
            }
        }
    }

    @Test
    void sigtermUnderConnectsCutsNoneThatWasAccepted() throws Exception {
        new LinksFile(file).replace(table("1", a));
        Map<String, String> settings = Map.of("AMBASSADOR_SHUTDOWN_DELAY", "2s", "AMBASSADOR_GRACE_PERIOD", "10s");
        try (JavaRelay relay = relay(settings).started()) {
            InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            StampedLoad load = new StampedLoad(address, 4, 10, false);
            try (load) {
                untilOk(() -> load.answers() > 200);
                relay.interrupt();
                untilOk(() -> relay.ask("GET", "/readyz").statusCode() == 503);
                long answersAtSigterm = load.answers();
                assertThat(load.failures()).isEmpty();
                untilOk(() -> load.answers() > answersAtSigterm + 200);
                assertThat(load.failures()).isEmpty();
                untilOk(() -> !load.failures().isEmpty());
            }
            // Once the listener is closed, connects are refused. Connections that were accepted before were not cut.
            assertThat(load.failures())
                    .allSatisfy(failure -> assertThat(failure).contains("Connection refused"));
            assertThat(relay.status(Duration.ofSeconds(10))).isZero();
            assertThat(relay.stderr()).isEmpty();
        }
    }

    private JavaRelay relay(Map<String, String> settings) throws IOException {
        Map<String, String> environment = new HashMap<>(settings);
        environment.put("AMBASSADOR_LINKS_FILE", file.toString());
        return JavaRelay.start(Jdk.running(), environment, "relay");
    }

    private LinkTable table(String revision, StampingUpstream target) {
        Link link = TestRelay.link(port, ExistingConnections.DRAIN, Duration.ofSeconds(30), target.address());
        return new LinkTable(Optional.of(revision), List.of(new Source("shop", "db", 1)), List.of(link));
    }

    private int stamp() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write(new byte[] {0, 0, 0, 1, 'x'});
            return socket.getInputStream().read();
        }
    }

    private static JsonObject acknowledgement(JavaRelay relay) throws IOException, InterruptedException {
        return new JsonObject(relay.ask("GET", "/links").body());
    }

    private JsonObject target(JavaRelay relay, int index) throws IOException, InterruptedException {
        return relay.links().get(port).getJsonArray("targets").getJsonObject(index);
    }

    private static void untilOk(Callable<Boolean> condition) {
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(10))
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(condition);
    }

    private void swapData(String name, LinkTable table) throws IOException {
        Path data = Files.createDirectory(directory.resolve(name));
        Files.write(data.resolve("links.json"), LinkTableWriter.write(table));
        Path next = Files.createSymbolicLink(directory.resolve("..data_tmp"), Path.of(name));
        Files.move(next, directory.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    }
}
