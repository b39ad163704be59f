package link.ambassador.relay;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import link.ambassador.config.Cidr;
import link.ambassador.config.DownstreamProxyProtocol;
import link.ambassador.config.DownstreamTls;
import link.ambassador.config.Link;
import link.ambassador.config.UpstreamProxyProtocol;
import link.ambassador.relay.join.CloseReason;
import link.ambassador.relay.tls.TestAuthority;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Links whose downstreams tell for whom they connect. */
final class DownstreamProxyProtocolTest {
    private static final String CONSUMER = "192.0.2.9:4321 198.51.100.1:5432";
    private static final String V1 = "PROXY TCP4 192.0.2.9 198.51.100.1 4321 5432\r\n";
    private static final byte[] V2 =
            HexFormat.of().parseHex("0d0a0d0a000d0a515549540a" + "2111000c" + "c0000209c633640110e11538");
    private static final byte[] LOCAL = HexFormat.of().parseHex("0d0a0d0a000d0a515549540a" + "20000000");

    private TestRelay relay;
    private HeaderUpstream upstream;

    @TempDir
    private Path certificates;

    @AfterEach
    void close() throws IOException {
        relay.close();
        upstream.close();
    }

    /** A link that demands a header, and tells its target what it was told. */
    private void start(Map<String, String> variables, String trusted, UnaryOperator<Link> shape) throws IOException {
        relay = TestRelay.start(
                variables,
                link -> shape.apply(link.toBuilder()
                        .downstreamProxyProtocol(Optional.of(new DownstreamProxyProtocol(
                                List.of(Cidr.parse(trusted).orElseThrow()))))
                        .upstreamProxyProtocol(
                                Optional.of(new UpstreamProxyProtocol(UpstreamProxyProtocol.Version.V2, Set.of())))
                        .build()));
        upstream = new HeaderUpstream(relay.target);
    }

    private void start() throws IOException {
        start(Map.of(), "127.0.0.0/8", link -> link);
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(relay.address.getAddress(), relay.address.getPort());
        socket.setSoTimeout(30_000);
        socket.setTcpNoDelay(true);
        return socket;
    }

    static Stream<byte[]> headers() {
        return Stream.of(V1.getBytes(US_ASCII), V2);
    }

    private void assertReset(Socket downstream) {
        assertThatThrownBy(() -> assertThat(downstream.getInputStream().read()).isNegative())
                .isInstanceOf(SocketException.class);
        await().untilAsserted(
                        () -> assertThat(relay.closed(CloseReason.PROXY_HEADER)).isEqualTo(1));
        assertThat(relay.openedTotal()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "nio"})
    void theBytesBehindTheHeaderAreTheConsumers(String transport) throws Exception {
        start(Map.of("AMBASSADOR_TRANSPORT", transport), "127.0.0.0/8", link -> link);
        for (byte[] header : headers().toList()) {
            try (Socket downstream = connect()) {
                byte[] all = new byte[header.length + 5];
                System.arraycopy(header, 0, all, 0, header.length);
                System.arraycopy("hello".getBytes(US_ASCII), 0, all, header.length, 5);
                downstream.getOutputStream().write(all);
                try (Socket target = upstream.accept()) {
                    assertThat(HeaderUpstream.header(target).addresses()).isEqualTo(CONSUMER);
                    assertThat(target.getInputStream().readNBytes(5)).isEqualTo("hello".getBytes(US_ASCII));
                    target.getOutputStream().write("world".getBytes(US_ASCII));
                    assertThat(downstream.getInputStream().readNBytes(5)).isEqualTo("world".getBytes(US_ASCII));
                    downstream.shutdownOutput();
                    assertThat(target.getInputStream().read()).isNegative();
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "nio"})
    void aHeaderMayComeByteForByte(String transport) throws Exception {
        start(Map.of("AMBASSADOR_TRANSPORT", transport), "127.0.0.0/8", link -> link);
        for (byte[] header : headers().toList()) {
            try (Socket downstream = connect()) {
                for (byte one : header) {
                    downstream.getOutputStream().write(one);
                }
                try (Socket target = upstream.accept()) {
                    assertThat(HeaderUpstream.header(target).addresses()).isEqualTo(CONSUMER);
                }
            }
        }
    }

    @Test
    void aHeaderOfNobodyLeavesTheAddressOfTheConnection() throws Exception {
        start();
        for (byte[] header : List.of(LOCAL, "PROXY UNKNOWN\r\n".getBytes(US_ASCII))) {
            try (Socket downstream = connect()) {
                downstream.getOutputStream().write(header);
                try (Socket target = upstream.accept()) {
                    assertThat(HeaderUpstream.header(target).addresses())
                            .isEqualTo(
                                    "127.0.0.1:" + downstream.getLocalPort() + " 127.0.0.1:" + relay.address.getPort());
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "nio"})
    void aDownstreamWithoutAHeaderIsReset(String transport) throws Exception {
        start(Map.of("AMBASSADOR_TRANSPORT", transport), "127.0.0.0/8", link -> link);
        try (Socket downstream = connect()) {
            downstream.getOutputStream().write("PING\r\n".getBytes(US_ASCII));
            assertReset(downstream);
        }
        assertThat(relay.metrics()).contains("reason=\"proxy_header\"} 1.0");
    }

    @Test
    void aDownstreamThatIsNotTrustedIsResetAlthoughItSendsAHeader() throws Exception {
        start(Map.of(), "10.0.0.0/8", link -> link);
        try (Socket downstream = connect()) {
            assertReset(downstream);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "nio"})
    void aDownstreamThatEndsInsideTheHeaderIsReset(String transport) throws Exception {
        start(Map.of("AMBASSADOR_TRANSPORT", transport), "127.0.0.0/8", link -> link);
        try (Socket downstream = connect()) {
            downstream.getOutputStream().write(V1.getBytes(US_ASCII), 0, 20);
            downstream.shutdownOutput();
            assertReset(downstream);
        }
    }

    @Test
    void aDownstreamThatResetsInsideTheHeaderIsForgotten() throws Exception {
        start(Map.of(), "127.0.0.0/8", link -> link.toBuilder()
                .maxConnections(OptionalInt.of(1))
                .build());
        try (Socket downstream = connect()) {
            downstream.getOutputStream().write(V1.getBytes(US_ASCII), 0, 20);
            downstream.setSoLinger(true, 0);
        }
        await().untilAsserted(
                        () -> assertThat(relay.closed(CloseReason.PROXY_HEADER)).isEqualTo(1));
        try (Socket downstream = connect()) {
            downstream.getOutputStream().write(V2);
            try (Socket target = upstream.accept()) {
                assertThat(HeaderUpstream.header(target).addresses()).isEqualTo(CONSUMER);
            }
        }
    }

    @Test
    void aHeaderThatIsNotThereAfterFiveSecondsIsNotAwaitedAnyLonger() throws Exception {
        start();
        try (Socket downstream = connect()) {
            downstream.getOutputStream().write(V2, 0, 20);
            await("the reset").atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(
                            relay.closed(CloseReason.PROXY_HEADER))
                    .isEqualTo(1));
            assertReset(downstream);
        }
    }

    @Test
    void downstreamsThatAreSlowToSendTheHeaderCountAsConnections() throws Exception {
        start(Map.of(), "127.0.0.0/8", link -> link.toBuilder()
                .maxConnections(OptionalInt.of(1))
                .build());
        try (Socket first = connect();
                Socket second = connect()) {
            first.getOutputStream().write(V2, 0, 20);
            await().untilAsserted(() ->
                    assertThat(relay.closed(CloseReason.MAX_CONNECTIONS)).isEqualTo(1));
            assertThatThrownBy(() -> assertThat(second.getInputStream().read()).isNegative())
                    .isInstanceOf(SocketException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "nio"})
    void theHeaderComesBeforeTls(String transport) throws Exception {
        TestAuthority authority = new TestAuthority("a");
        authority.leaf("db.example.com").write(certificates.resolve("server"));
        start(
                Map.of("AMBASSADOR_TRANSPORT", transport, "AMBASSADOR_TLS_DIRECTORY", certificates.toString()),
                "127.0.0.0/8",
                link -> link.toBuilder()
                        .downstreamTls(Optional.of(new DownstreamTls(
                                "server", Optional.empty(), List.of(), DownstreamTls.DEFAULT_HANDSHAKE_TIMEOUT)))
                        .build());
        Socket plain = connect();
        plain.getOutputStream().write(V2);
        try (SSLSocket downstream = (SSLSocket) authority
                .peer(null)
                .getSocketFactory()
                .createSocket(plain, "db.example.com", relay.address.getPort(), true)) {
            downstream.getOutputStream().write("hello".getBytes(US_ASCII));
            try (Socket target = upstream.accept()) {
                HeaderUpstream.Header header = HeaderUpstream.header(target);

                assertThat(header.addresses()).isEqualTo(CONSUMER);
                assertThat(header.tlvs().get(HeaderUpstream.TLS)).startsWith("\u0001\0\0\0\u0001");
                assertThat(target.getInputStream().readNBytes(5)).isEqualTo("hello".getBytes(US_ASCII));
            }
        }
    }
}
