package link.ambassador.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import link.ambassador.UnreadPipe;
import link.ambassador.config.ExistingConnections;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A relay that logs a line for every connection and every table, while nothing reads its log. */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class UnreadLogIT {
    @TempDir
    private Path directory;

    private final int port = LoopbackPort.free();
    private StampingUpstream a;
    private StampingUpstream b;
    private LinksFile links;
    private UnreadPipe pipe;

    @BeforeEach
    void start() throws Exception {
        a = new StampingUpstream('a');
        b = new StampingUpstream('b');
        links = new LinksFile(directory.resolve("links.json"));
        links.replace(table(a));
        pipe = UnreadPipe.in(directory);
    }

    @AfterEach
    void stop() throws IOException {
        a.close();
        b.close();
    }

    @Test
    void anUnreadLogStopsNothingAndCountsMissingLines() throws Exception {
        try (JavaRelay relay = relay().started()) {
            untilLinesAreDropped(relay);
            links.replace(table(b));
            await().until(() -> stamp() == 'b');

            try (InputStream in = Files.newInputStream(pipe.fifo());
                    BufferedReader log = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
                assertThat(in.readNBytes(UnreadPipe.BYTES)).hasSize(UnreadPipe.BYTES);
                assertThat(log.lines()
                                .filter(line -> line.contains(" missing "))
                                .findFirst())
                        .hasValueSatisfying(line -> assertThat(line)
                                .matches("\\S+Z WARN [0-9]+ log lines are missing here: the log was not read in time"));
            }
        }
    }

    @Test
    void doesNotKeepSigtermFromEndingIt() throws Exception {
        try (JavaRelay relay = relay().started()) {
            untilLinesAreDropped(relay);

            assertThat(relay.terminate(Duration.ofSeconds(20))).isZero();
            assertThat(relay.stderr()).isEmpty();
        }
    }

    private void untilLinesAreDropped(JavaRelay relay) {
        await().atMost(Duration.ofMinutes(2)).pollInterval(Duration.ofMillis(1)).until(() -> {
            for (int i = 0; i < 100; i++) {
                assertThat(stamp()).isEqualTo('a');
            }
            return relay.ask("GET", "/metrics")
                    .body()
                    .lines()
                    .anyMatch(line -> line.matches("ambassador_log_dropped_total [1-9].*"));
        });
    }

    private JavaRelay relay() throws IOException {
        pipe.program(
                Files.createDirectory(directory.resolve("bin")).resolve("java"),
                Jdk.running().java());
        return JavaRelay.start(
                new Jdk(directory),
                Map.of(
                        "AMBASSADOR_LINKS_FILE",
                        directory.resolve("links.json").toString(),
                        "AMBASSADOR_LOG_LEVEL",
                        "debug"),
                "relay");
    }

    private LinkTable table(StampingUpstream target) {
        Link link = TestRelay.link(port, ExistingConnections.KEEP, Duration.ofSeconds(1), target.address());
        return LinkTable.of(List.of(link));
    }

    private int stamp() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(new byte[] {0, 0, 0, 1, 'x'});
            return socket.getInputStream().read();
        }
    }
}
