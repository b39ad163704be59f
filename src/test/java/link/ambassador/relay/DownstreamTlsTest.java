package link.ambassador.relay;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import link.ambassador.config.DownstreamTls;
import link.ambassador.config.SubjectAltName;
import link.ambassador.config.Trust;
import link.ambassador.relay.join.CloseReason;
import link.ambassador.relay.tls.TestAuthority;
import link.ambassador.relay.watch.ExpectedWarning;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Links that demand TLS of their downstreams, with the JDK's TLS as their other side. */
final class DownstreamTlsTest {
    private final TestAuthority authority = new TestAuthority("a");
    private final TestAuthority other = new TestAuthority("b");
    private TestRelay relay;
    private ServerSocket upstream;

    @TempDir
    private Path certificates;

    @BeforeEach
    void certificate() {
        authority.leaf("db.example.com").write(certificates.resolve("server"));
    }

    @AfterEach
    void close() throws IOException {
        relay.close();
        upstream.close();
    }

    private void start(Trust clients, SubjectAltName... names) {
        start(new DownstreamTls(
                "server", Optional.ofNullable(clients), List.of(names), DownstreamTls.DEFAULT_HANDSHAKE_TIMEOUT));
    }

    private void start(DownstreamTls tls) {
        relay = TestRelay.start(
                Map.of("AMBASSADOR_TLS_DIRECTORY", certificates.toString()),
                link -> link.toBuilder().downstreamTls(Optional.of(tls)).build());
        echo();
    }

    private void echo() {
        try {
            upstream = new ServerSocket(relay.target.getPort(), 2_000, relay.target.getAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        daemon(() -> {
            while (true) {
                Socket socket = upstream.accept();
                daemon(() -> {
                    try (socket) {
                        socket.getInputStream().transferTo(socket.getOutputStream());
                    }
                });
            }
        });
    }

    private interface Task {
        void run() throws IOException;
    }

    private static void daemon(Task task) {
        Thread thread = new Thread(() -> {
            try {
                task.run();
            } catch (IOException ended) {
                // By its peer, or by the end of the test.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private Socket plain() throws IOException {
        Socket socket = new Socket(relay.address.getAddress(), relay.address.getPort());
        socket.setSoTimeout(60_000);
        return socket;
    }

    private SSLSocket connect(SSLContext context) throws IOException {
        return (SSLSocket)
                context.getSocketFactory().createSocket(plain(), "db.example.com", relay.address.getPort(), true);
    }

    private static String echoed(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(US_ASCII));
        return new String(socket.getInputStream().readNBytes(text.length()), US_ASCII);
    }

    private String echoed(TestAuthority.Leaf client) throws IOException {
        try (SSLSocket socket = connect(authority.peer(client))) {
            return echoed(socket, "hello");
        }
    }

    /** In TLS 1.3 a client hears of it at its first read. */
    private void assertRefused(TestAuthority.Leaf client) {
        assertThatThrownBy(() -> {
                    if (echoed(client).isEmpty()) {
                        throw new IOException("ended");
                    }
                })
                .isInstanceOf(IOException.class);
        await().untilAsserted(
                        () -> assertThat(relay.closed(CloseReason.IDENTITY)).isOne());
        assertThat(relay.openedTotal()).as("connections that were dialled").isZero();
    }

    @Test
    void bytesOfADownstreamInTlsReachTheTarget() throws IOException {
        start((Trust) null);

        assertThat(echoed((TestAuthority.Leaf) null)).isEqualTo("hello");
    }

    @Test
    void whatComesTogetherWithTheEndOfTheHandshakeIsNotLost() throws IOException {
        start((Trust) null);

        for (int i = 0; i < 50; i++) {
            assertThat(echoed((TestAuthority.Leaf) null)).isEqualTo("hello");
        }
    }

    @Test
    void aDownstreamWithACertificateOfTheAuthorityIsServed() throws IOException {
        start(authority.trust());

        assertThat(echoed(authority.leaf("web"))).isEqualTo("hello");
    }

    @Test
    void aDownstreamWithoutACertificateIsRefusedBeforeADial() {
        start(authority.trust());

        assertRefused(null);
    }

    @Test
    void aDownstreamWithACertificateOfAnotherAuthorityIsRefusedBeforeADial() {
        start(other.trust());

        assertRefused(authority.leaf("web"));
    }

    @Test
    void aDownstreamWithOneOfTheNamesIsServed() throws IOException {
        start(
                authority.trust(),
                new SubjectAltName(SubjectAltName.Type.HOSTNAME, "web.cluster-a"),
                new SubjectAltName(SubjectAltName.Type.URI, "spiffe://cluster-a/ns/shop/sa/*"));

        assertThat(echoed(authority.leaf("spiffe://cluster-a/ns/shop/sa/web"))).isEqualTo("hello");
        assertThat(echoed(authority.leaf("web.cluster-a"))).isEqualTo("hello");
    }

    @Test
    void aDownstreamWithAnotherNameIsRefusedBeforeADial() {
        start(authority.trust(), new SubjectAltName(SubjectAltName.Type.URI, "spiffe://cluster-a/ns/shop/sa/*"));

        assertRefused(authority.leaf("spiffe://cluster-a/ns/shopping/sa/web"));
    }

    private List<String> downstreams() {
        return relay.links().getJsonArray("links").getJsonObject(0).getJsonArray("downstreams").stream()
                .map(String::valueOf)
                .toList();
    }

    @Test
    void whoIsConnectedIsShownByTheirNamesUntilTheyEnd() throws IOException {
        start(authority.trust());
        TestAuthority.Leaf web = authority.leaf("web.example.com");
        try (SSLSocket first = connect(authority.peer(web));
                SSLSocket second = connect(authority.peer(web));
                SSLSocket third = connect(authority.peer(authority.leaf("spiffe://shop/sa/job")))) {
            for (SSLSocket each : List.of(first, second, third)) {
                assertThat(echoed(each, "hello")).isEqualTo("hello");
            }
            assertThat(downstreams())
                    .containsExactly(
                            "{\"peer\":\"spiffe://shop/sa/job\",\"open\":1}",
                            "{\"peer\":\"web.example.com\",\"open\":2}");
        }
        await().untilAsserted(() -> assertThat(downstreams()).isEmpty());
    }

    @Test
    void moreThanTwentyNamesAreCountedTogether() throws IOException {
        start(authority.trust());
        List<SSLSocket> open = new ArrayList<>();
        try {
            for (int i = 0; i < 22; i++) {
                SSLSocket socket = connect(authority.peer(authority.leaf("web-" + i + ".example.com")));
                open.add(socket);
                assertThat(echoed(socket, "hello")).isEqualTo("hello");
            }
            assertThat(downstreams())
                    .hasSize(21)
                    .contains("{\"peer\":\"web-19.example.com\",\"open\":1}")
                    .endsWith("{\"peer\":null,\"open\":2}");
        } finally {
            for (SSLSocket socket : open) {
                socket.close();
            }
        }
        await().untilAsserted(() -> assertThat(downstreams()).isEmpty());
    }

    @Test
    void aDownstreamWithoutTlsIsReset() throws IOException {
        start((Trust) null);

        try (Socket socket = plain()) {
            socket.getOutputStream().write("PING\r\nPING\r\n".getBytes(US_ASCII));
            assertThatThrownBy(() -> {
                        if (socket.getInputStream().read() < 0) {
                            throw new IOException("a clean end");
                        }
                    })
                    .hasMessageContaining("reset");
        }
        assertThat(relay.closed(CloseReason.NOT_TLS)).isOne();
    }

    @Test
    void aDownstreamThatSaysNothingIsResetAfterHandshakeTimeout() throws IOException {
        start(new DownstreamTls("server", Optional.empty(), List.of(), Duration.ofMillis(300)));

        try (Socket socket = plain()) {
            assertThatThrownBy(() -> {
                        if (socket.getInputStream().read() < 0) {
                            throw new IOException("a clean end");
                        }
                    })
                    .hasMessageContaining("reset");
        }
        assertThat(relay.closed(CloseReason.HANDSHAKE)).isOne();
    }

    @Test
    void aThousandHalfHandshakesKeepNobodyOut() throws IOException {
        start((Trust) null);
        List<Socket> halves = Collections.synchronizedList(new ArrayList<>());
        try {
            for (int i = 0; i < 1_000; i++) {
                Socket half = plain();
                halves.add(half);
                // The head of a record that never comes.
                half.getOutputStream().write(new byte[] {0x16, 3, 1, 1, 0});
            }

            assertThat(echoed((TestAuthority.Leaf) null)).isEqualTo("hello");
        } finally {
            for (Socket half : halves) {
                half.close();
            }
        }
        await().untilAsserted(
                        () -> assertThat(relay.closed(CloseReason.HANDSHAKE)).isEqualTo(1_000));
    }

    @Test
    void handshakesCountTowardsMaxConnections() throws IOException {
        relay = TestRelay.start(Map.of("AMBASSADOR_TLS_DIRECTORY", certificates.toString()), link -> link.toBuilder()
                .maxConnections(java.util.OptionalInt.of(1))
                .downstreamTls(Optional.of(new DownstreamTls(
                        "server", Optional.empty(), List.of(), DownstreamTls.DEFAULT_HANDSHAKE_TIMEOUT)))
                .build());
        echo();
        try (Socket half = plain();
                Socket refused = plain()) {
            assertThat(half.isConnected()).isTrue();
            assertThatThrownBy(() -> {
                        if (refused.getInputStream().read() < 0) {
                            throw new IOException("a clean end");
                        }
                    })
                    .hasMessageContaining("reset");
        }
        assertThat(relay.closed(CloseReason.MAX_CONNECTIONS)).isOne();
    }

    @Test
    @ExpectedWarning("certificate server: .*tls.crt is not there; no connection that needs it is served")
    void aDownstreamIsRefusedUntilThereIsACertificate() throws IOException {
        certificates = certificates.resolve("later");
        start((Trust) null);
        await().until(() -> !relay.certificateError("server").isEmpty());
        assertThatThrownBy(() -> echoed((TestAuthority.Leaf) null)).isInstanceOf(IOException.class);
        assertThat(relay.closed(CloseReason.HANDSHAKE)).isOne();
        authority.leaf("db.example.com").write(certificates.resolve("server"));

        await().ignoreExceptions().until(() -> echoed((TestAuthority.Leaf) null).equals("hello"));
    }
}
