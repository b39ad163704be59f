package link.ambassador.relay;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import link.ambassador.config.Cidr;
import link.ambassador.config.DownstreamProxyProtocol;
import link.ambassador.config.DownstreamTls;
import link.ambassador.config.Failover;
import link.ambassador.config.HealthCheck;
import link.ambassador.config.Hold;
import link.ambassador.config.Link;
import link.ambassador.config.Target;
import link.ambassador.config.UpstreamProxyProtocol;
import link.ambassador.config.UpstreamProxyProtocol.Tlv;
import link.ambassador.config.UpstreamProxyProtocol.Version;
import link.ambassador.config.UpstreamTls;
import link.ambassador.relay.tls.TestAuthority;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Links whose targets are told of the consumer. */
final class UpstreamProxyProtocolTest {
    private static final UpstreamProxyProtocol V1 = new UpstreamProxyProtocol(Version.V1, Set.of());
    private static final UpstreamProxyProtocol V2 = new UpstreamProxyProtocol(Version.V2, Set.of());
    private static final UpstreamProxyProtocol ALL =
            new UpstreamProxyProtocol(Version.V2, Set.of(Tlv.UNIQUE_ID, Tlv.POD_IDENTITY));
    private static final Map<String, String> IN_A_POD =
            Map.of("AMBASSADOR_POD_IP", "10.1.2.3", "AMBASSADOR_POD_NAMESPACE", "shop", "AMBASSADOR_POD_NAME", "web-0");

    private final TestAuthority authority = new TestAuthority("a");
    private final SSLSocketFactory database =
            authority.peer(authority.leaf("db.example.com")).getSocketFactory();
    private TestRelay relay;
    private HeaderUpstream upstream;

    @TempDir
    private Path certificates;

    @AfterEach
    void close() throws IOException {
        relay.close();
        upstream.close();
    }

    private void start(Map<String, String> variables, UnaryOperator<Link> shape) throws IOException {
        relay = TestRelay.start(variables, shape);
        upstream = new HeaderUpstream(relay.target);
    }

    private void start(Map<String, String> variables, UpstreamProxyProtocol wanted) throws IOException {
        start(variables, link -> telling(link, wanted));
    }

    private static Link telling(Link link, UpstreamProxyProtocol wanted) {
        return link.toBuilder().upstreamProxyProtocol(Optional.of(wanted)).build();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(relay.address.getAddress(), relay.address.getPort());
        socket.setSoTimeout(30_000);
        return socket;
    }

    private String addresses(Socket consumer) {
        return "127.0.0.1:" + consumer.getLocalPort() + " 127.0.0.1:" + relay.address.getPort();
    }

    private static void echo(Socket downstream, Socket target) throws IOException {
        downstream.getOutputStream().write("ping".getBytes(US_ASCII));
        assertThat(target.getInputStream().readNBytes(4)).isEqualTo("ping".getBytes(US_ASCII));
        target.getOutputStream().write("pong".getBytes(US_ASCII));
        assertThat(downstream.getInputStream().readNBytes(4)).isEqualTo("pong".getBytes(US_ASCII));
    }

    @ParameterizedTest
    @CsvSource({"epoll,V1", "epoll,V2", "nio,V1", "nio,V2"})
    void theTargetHasTheAddressesOfTheConsumer(String transport, Version version) throws Exception {
        start(Map.of("AMBASSADOR_TRANSPORT", transport), new UpstreamProxyProtocol(version, Set.of()));
        try (Socket downstream = connect();
                Socket target = upstream.accept()) {
            assertThat(HeaderUpstream.header(target))
                    .isEqualTo(new HeaderUpstream.Header(version.word(), "PROXY", addresses(downstream), Map.of()));
            echo(downstream, target);
        }
    }

    @Test
    void aHealthCheckTellsTheTargetThatItConnectsForItself() throws Exception {
        HealthCheck.Check ping =
                new HealthCheck.Exchange(List.of(new HealthCheck.Step("PING\r\n", "PONG")), Optional.empty());
        start(Map.of(), link -> telling(link, V2).toBuilder()
                .healthCheck(Optional.of(new HealthCheck(
                        ping,
                        OptionalInt.empty(),
                        HealthCheck.DEFAULT_PROBING,
                        HealthCheck.DEFAULT_INTERVAL,
                        Duration.ofSeconds(30),
                        HealthCheck.DEFAULT_UNHEALTHY_THRESHOLD,
                        HealthCheck.DEFAULT_HEALTHY_THRESHOLD)))
                .failover(Optional.of(Failover.of(ping)))
                .connectTimeout(Duration.ofSeconds(30))
                .build());
        try (Socket downstream = connect();
                Socket probe = upstream.accept()) {
            assertThat(HeaderUpstream.header(probe).command()).isEqualTo("LOCAL");
            assertThat(probe.getInputStream().readNBytes(6)).isEqualTo("PING\r\n".getBytes(US_ASCII));
            probe.getOutputStream().write("+PONG\r\n".getBytes(US_ASCII));
            try (Socket target = upstream.accept()) {
                assertThat(HeaderUpstream.header(target).addresses()).isEqualTo(addresses(downstream));
                echo(downstream, target);
            }
        }
    }

    @Test
    void aTargetThatSpeaksFirstHasTheHeaderAtOnce() throws Exception {
        start(Map.of(), V2);
        try (Socket downstream = connect();
                Socket target = upstream.accept()) {
            assertThat(HeaderUpstream.header(target).command()).isEqualTo("PROXY");
            target.getOutputStream().write("220 ready".getBytes(US_ASCII));

            assertThat(downstream.getInputStream().readNBytes(9)).isEqualTo("220 ready".getBytes(US_ASCII));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"never", "always"})
    void whatTheDownstreamHasSentGoesAlongInOnePacket(String splice) throws Exception {
        Hold hold = Hold.of(Instant.now(), Duration.ofMinutes(1));
        start(
                Map.of("AMBASSADOR_SPLICE", splice),
                link -> telling(link, V1).toBuilder().hold(Optional.of(hold)).build());
        try (Socket downstream = connect()) {
            downstream.getOutputStream().write("first".getBytes(US_ASCII));
            await().until(() -> relay.held() == 1);
            relay.apply(telling(
                    Link.of("up", relay.address.getPort(), relay.see(link -> link.link()
                            .targets())),
                    V1));
            try (Socket target = upstream.accept()) {
                byte[] packet = new byte[1000];
                int length = target.getInputStream().read(packet);

                assertThat(new String(packet, 0, length, US_ASCII))
                        .matches("PROXY TCP4 127.0.0.1 127.0.0.1 \\d+ \\d+\r\nfirst");
                echo(downstream, target);
            }
        }
    }

    @Test
    void aDownstreamThatHasEndedItsStreamIsStillServed() throws Exception {
        start(Map.of(), V2);
        try (Socket downstream = connect()) {
            downstream.getOutputStream().write("only".getBytes(US_ASCII));
            downstream.shutdownOutput();
            try (Socket target = upstream.accept()) {
                HeaderUpstream.header(target);
                assertThat(target.getInputStream().readAllBytes()).isEqualTo("only".getBytes(US_ASCII));
                target.getOutputStream().write("answer".getBytes(US_ASCII));
                target.shutdownOutput();
                assertThat(downstream.getInputStream().readAllBytes()).isEqualTo("answer".getBytes(US_ASCII));
            }
        }
    }

    @Test
    void aConsumerInTheSamePodHasTheAddressAndTheNameOfThePod() throws Exception {
        start(IN_A_POD, ALL);
        try (Socket downstream = connect();
                Socket target = upstream.accept()) {
            HeaderUpstream.Header header = HeaderUpstream.header(target);

            assertThat(header.addresses())
                    .isEqualTo("10.1.2.3:" + downstream.getLocalPort() + " 10.1.2.3:" + relay.address.getPort());
            assertThat(header.tlvs())
                    .containsOnlyKeys(HeaderUpstream.UNIQUE_ID, HeaderUpstream.POD_IDENTITY)
                    .containsEntry(HeaderUpstream.POD_IDENTITY, "shop/web-0");
        }
    }

    @Test
    void aPodWithIPv6AloneTellsItsAddressAlthoughTheConsumerUsesIPv4() throws Exception {
        start(Map.of("AMBASSADOR_POD_IP", "2001:db8::7"), V1);
        try (Socket downstream = connect();
                Socket target = upstream.accept()) {
            assertThat(HeaderUpstream.header(target).addresses())
                    .startsWith("2001:db8:")
                    .contains("7:" + downstream.getLocalPort() + " 2001:db8:")
                    .endsWith("7:" + relay.address.getPort());
        }
    }

    @Test
    void noTwoConnectionsHaveTheSameUniqueId() throws Exception {
        start(Map.of(), ALL);
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            try (Socket downstream = connect();
                    Socket target = upstream.accept()) {
                ids.add(HeaderUpstream.header(target).tlvs().get(HeaderUpstream.UNIQUE_ID));
                echo(downstream, target);
            }
        }
        assertThat(ids).doesNotHaveDuplicates().allMatch(id -> id.matches("[0-9a-f]{32}"));
    }

    @Test
    void bulkIsSplicedBehindTheHeader() throws Exception {
        start(Map.of("AMBASSADOR_SPLICE", "always"), V2);
        byte[] bulk = new byte[4 << 20];
        new SplittableRandom(1).nextBytes(bulk);
        try (Socket downstream = connect()) {
            CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> send(downstream, bulk));
            try (Socket target = upstream.accept()) {
                HeaderUpstream.header(target);
                assertThat(target.getInputStream().readNBytes(bulk.length)).isEqualTo(bulk);
                sent.join();
            }
        }
        assertThat(TestRelay.await(
                        relay.relay.inspect(() -> relay.relay.pipes().usage().splicedBytes())))
                .isGreaterThan(bulk.length / 2);
    }

    private static void send(Socket downstream, byte[] bytes) {
        try {
            downstream.getOutputStream().write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void theHeaderComesBeforeTls() throws Exception {
        start(Map.of(), link -> telling(link, V2).toBuilder()
                .upstreamTls(Optional.of(toDatabase()))
                .build());
        try (Socket downstream = connect();
                Socket target = upstream.accept()) {
            assertThat(HeaderUpstream.header(target).addresses()).isEqualTo(addresses(downstream));
            try (SSLSocket tls = database(target)) {
                echo(downstream, tls);
                // The close of the other side waits for this.
                downstream.shutdownOutput();
            }
        }
    }

    @Test
    void theTargetIsToldOfTheTlsOfTheConsumer() throws Exception {
        authority.leaf("db.example.com").write(certificates.resolve("server"));
        start(Map.of("AMBASSADOR_TLS_DIRECTORY", certificates.toString()), link -> telling(link, V2).toBuilder()
                .downstreamTls(Optional.of(new DownstreamTls(
                        "server", Optional.of(authority.trust()), List.of(), DownstreamTls.DEFAULT_HANDSHAKE_TIMEOUT)))
                .build());
        TestAuthority.Leaf leaf = authority.leaf("web.example.com");
        String subject = leaf.certificate().getSubjectX500Principal().getName();
        SSLSocketFactory factory = authority.peer(leaf).getSocketFactory();
        try (SSLSocket downstream =
                (SSLSocket) factory.createSocket(connect(), "db.example.com", relay.address.getPort(), true)) {
            downstream.startHandshake();
            try (Socket target = upstream.accept()) {
                Map<Integer, String> tlvs = HeaderUpstream.header(target).tlvs();

                assertThat(tlvs).containsEntry(HeaderUpstream.AUTHORITY, "db.example.com");
                assertThat(tlvs.get(HeaderUpstream.TLS))
                        .startsWith("\u0007\0\0\0\0")
                        .contains("TLSv1.3", "TLS_", subject.substring("CN=".length()));
                echo(downstream, target);
            }
        }
    }

    @Test
    void twoRelaysInARowTellTheFirstConsumer() throws Exception {
        InetSocketAddress between = TestRelay.freeAddress();
        DownstreamProxyProtocol loopback =
                new DownstreamProxyProtocol(List.of(Cidr.parse("127.0.0.0/8").orElseThrow()));
        start(
                IN_A_POD,
                link -> telling(
                        Link.of("up", link.listen(), List.of(new Target("127.0.0.1", between.getPort()))), ALL));
        try (TestRelay far = TestRelay.start(Map.of(), between, relay.target, link -> telling(link, ALL).toBuilder()
                        .downstreamProxyProtocol(Optional.of(loopback))
                        .build());
                Socket downstream = connect();
                Socket target = upstream.accept()) {
            HeaderUpstream.Header header = HeaderUpstream.header(target);

            assertThat(header.addresses())
                    .isEqualTo("10.1.2.3:" + downstream.getLocalPort() + " 10.1.2.3:" + relay.address.getPort());
            assertThat(header.tlvs()).containsEntry(HeaderUpstream.POD_IDENTITY, "shop/web-0");
            echo(downstream, target);
            assertThat(far.open()).isEqualTo(1);
        }
    }

    @Test
    void aTableWithTheHeaderChangesNewConnectionsAlone() throws Exception {
        start(Map.of(), link -> link);
        List<Target> targets = relay.see(link -> link.link().targets());
        try (Socket old = connect();
                Socket oldTarget = upstream.accept()) {
            echo(old, oldTarget);
            relay.apply(telling(Link.of("up", relay.address.getPort(), targets), V2));
            echo(old, oldTarget);
            try (Socket fresh = connect();
                    Socket target = upstream.accept()) {
                assertThat(HeaderUpstream.header(target).version()).isEqualTo("V2");
                echo(fresh, target);
            }
            assertThat(relay.open()).isPositive();
        }
    }

    @Test
    void aTargetThatClosesRightBehindTheHeaderIsAHintAfterThree() throws Exception {
        start(Map.of(), V2);
        closeBehindTheHeader();
        closeBehindTheHeader();
        assertThat(hint()).isNull();
        closeBehindTheHeader();
        await().untilAsserted(() -> assertThat(hint())
                .isEqualTo("127.0.0.1:" + relay.target.getPort()
                        + " closed the latest connections right after the PROXY"
                        + " protocol header: it may not expect one, or not from this relay, or another version"));

        try (Socket downstream = connect();
                Socket target = upstream.accept()) {
            HeaderUpstream.header(target);
            echo(downstream, target);
            await("a connection that lasts")
                    .untilAsserted(() -> assertThat(hint()).isNull());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aTargetThatEndsTheHandshakeBehindTheHeaderIsAHintAfterThree(boolean withAnAlert) throws Exception {
        start(Map.of(), link -> telling(link, V2).toBuilder()
                .upstreamTls(Optional.of(toDatabase()))
                .build());
        endTheHandshake(withAnAlert);
        endTheHandshake(withAnAlert);
        assertThat(hint()).isNull();
        // A busy machine may take its time over one of them.
        await().untilAsserted(() -> {
            endTheHandshake(withAnAlert);
            assertThat(hint()).contains("right after the PROXY protocol header");
        });

        try (Socket downstream = connect();
                Socket target = upstream.accept()) {
            HeaderUpstream.header(target);
            try (SSLSocket tls = database(target)) {
                echo(downstream, tls);
                assertThat(hint()).isNull();
                downstream.shutdownOutput();
            }
        }
    }

    private void endTheHandshake(boolean withAnAlert) throws IOException {
        try (Socket downstream = connect()) {
            try (Socket target = upstream.accept()) {
                if (withAnAlert) {
                    SSLSocket tls = database(target);
                    assertThatThrownBy(tls::startHandshake).isInstanceOf(SSLException.class);
                } else {
                    HeaderUpstream.header(target);
                }
            }
            assertThatThrownBy(() -> downstream.getInputStream().read()).isInstanceOf(SocketException.class);
        }
    }

    private UpstreamTls toDatabase() {
        return new UpstreamTls(
                authority.trust(),
                Optional.of("db.example.com"),
                List.of(),
                Optional.empty(),
                UpstreamTls.DEFAULT_NEGOTIATION,
                UpstreamTls.DEFAULT_MIN_VERSION);
    }

    private SSLSocket database(Socket target) throws IOException {
        SSLSocket tls = (SSLSocket) database.createSocket(target, null, true);
        tls.setUseClientMode(false);
        return tls;
    }

    private void closeBehindTheHeader() throws IOException {
        long closed = relay.see(link -> link.counters().closedByReason().values().stream()
                .mapToLong(Long::longValue)
                .sum());
        try (Socket downstream = connect()) {
            try (Socket target = upstream.accept()) {
                HeaderUpstream.header(target);
            }
            assertThat(downstream.getInputStream().read()).isNegative();
        }
        await().until(() -> relay.see(link -> link.counters().closedByReason().values().stream()
                        .mapToLong(Long::longValue)
                        .sum())
                > closed);
    }

    private String hint() {
        JsonObject link = relay.links().getJsonArray("links").getJsonObject(0);
        return link.getJsonArray("targets").getJsonObject(0).getString("hint");
    }
}
