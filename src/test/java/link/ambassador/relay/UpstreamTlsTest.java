package link.ambassador.relay;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;
import link.ambassador.config.ExistingConnections;
import link.ambassador.config.HealthCheck;
import link.ambassador.config.Link;
import link.ambassador.config.Preflight;
import link.ambassador.config.SubjectAltName;
import link.ambassador.config.TlsVersion;
import link.ambassador.config.Trust;
import link.ambassador.config.UpstreamTls;
import link.ambassador.relay.dial.DialResult;
import link.ambassador.relay.tls.TestAuthority;
import link.ambassador.relay.watch.ExpectedWarning;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Links whose targets have TLS, with the JDK's TLS as their other side. */
final class UpstreamTlsTest {
    private static final String NAME = "db.example.com";

    private final TestAuthority authority = new TestAuthority("a");
    private final TestAuthority other = new TestAuthority("b");
    private TestRelay relay;

    @TempDir
    private Path certificates;

    @AfterEach
    void close() {
        if (relay != null) {
            relay.close();
        }
    }

    private static UpstreamTls tls(Trust trust, String hostname, SubjectAltName... names) {
        return new UpstreamTls(
                trust,
                Optional.of(hostname),
                List.of(names),
                Optional.empty(),
                UpstreamTls.DEFAULT_NEGOTIATION,
                UpstreamTls.DEFAULT_MIN_VERSION);
    }

    private UpstreamTls showing(String certificate) {
        return new UpstreamTls(
                authority.trust(),
                Optional.of(NAME),
                List.of(),
                Optional.of(certificate),
                UpstreamTls.DEFAULT_NEGOTIATION,
                UpstreamTls.DEFAULT_MIN_VERSION);
    }

    private void start(InetSocketAddress target, UnaryOperator<Link> shape) {
        relay = TestRelay.start(
                Map.of("AMBASSADOR_TLS_DIRECTORY", certificates.toString()), TestRelay.freeAddress(), target, shape);
    }

    private void start(TlsEcho upstream, UpstreamTls tls) {
        start(
                upstream.address(),
                link -> link.toBuilder().upstreamTls(Optional.of(tls)).build());
    }

    private String echoed(String text) throws IOException {
        try (Socket socket = new Socket(relay.address.getAddress(), relay.address.getPort())) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(text.getBytes(US_ASCII));
            return new String(socket.getInputStream().readNBytes(text.length()), US_ASCII);
        }
    }

    private JsonObject target() {
        return relay.links()
                .getJsonArray("links")
                .getJsonObject(0)
                .getJsonArray("targets")
                .getJsonObject(0);
    }

    private void assertRefused(DialResult result, String sentence) {
        assertThatThrownBy(() -> {
                    if (echoed("x").isEmpty()) {
                        throw new IOException("a clean end");
                    }
                })
                .isInstanceOf(IOException.class)
                .hasMessageContaining("reset");
        assertThat(target().getString("lastError")).contains(sentence);
        assertThat(target().getString("lastResult")).isEqualTo(result.label());
        assertThat(relay.dials(result)).isPositive();
    }

    @Test
    void bytesReachTheTargetInTls() throws IOException {
        try (TlsEcho upstream = TlsEcho.start(authority.peer(authority.leaf(NAME)))) {
            start(upstream, tls(authority.trust(), NAME));

            assertThat(echoed("hello")).isEqualTo("hello");
            assertThat(relay.dials(DialResult.OK)).isOne();
            assertThat(upstream.servedNames()).containsExactly(NAME);
        }
    }

    @Test
    void aHealthCheckGoesThroughTheTlsOfTheLink() throws IOException {
        try (TlsEcho untrusted = TlsEcho.start(other.peer(other.leaf(NAME)));
                TlsEcho upstream = TlsEcho.start(authority.peer(authority.leaf(NAME)))) {
            start(untrusted, tls(authority.trust(), NAME));
            relay.apply(
                    relay
                            .link(
                                    ExistingConnections.DRAIN,
                                    Duration.ofMinutes(1),
                                    untrusted.address(),
                                    upstream.address())
                            .toBuilder()
                            .upstreamTls(Optional.of(tls(authority.trust(), NAME)))
                            .healthCheck(Optional.of(HealthCheck.of(new HealthCheck.Exchange(
                                    List.of(new HealthCheck.Step("role?", "role?")), Optional.empty()))))
                            .build());

            assertThat(echoed("hello")).isEqualTo("hello");
            assertThat(upstream.servedNames()).hasSize(2);
            assertThat(target().getJsonObject("health").getString("error")).contains("authority");
        }
    }

    @Test
    void aPreflightDoesTheHandshakeWithTheTlsThatTheLinkWillHave() throws IOException {
        try (TlsEcho upstream = TlsEcho.start(authority.peer(authority.leaf(NAME)));
                TlsEcho next = TlsEcho.start(other.peer(other.leaf(NAME)))) {
            start(upstream, tls(authority.trust(), NAME));
            relay.apply(withPreflight(next, tls(authority.trust(), NAME)));
            await().until(() -> preflight().getString("state"), "unreachable"::equals);
            assertThat(preflight().getString("error")).contains("authority");
            assertThat(echoed("former")).isEqualTo("former");
            assertThat(upstream.servedNames()).hasSize(1);

            relay.apply(withPreflight(next, tls(other.trust(), NAME)));
            await().until(() -> preflight().getString("state"), "reachable"::equals);
            assertThat(echoed("next")).isEqualTo("next");
            assertThat(echoed("more")).isEqualTo("more");
            assertThat(upstream.servedNames()).hasSize(1);
        }
    }

    private Link withPreflight(TlsEcho upstream, UpstreamTls tls) {
        return relay.link(ExistingConnections.DRAIN, Duration.ofMinutes(1), upstream.address()).toBuilder()
                .upstreamTls(Optional.of(tls))
                .preflight(Optional.of(Preflight.ofOwnTargets(Preflight.DEFAULT_TIMEOUT)))
                .build();
    }

    private JsonObject preflight() {
        return relay.links().getJsonArray("links").getJsonObject(0).getJsonObject("preflight");
    }

    @Test
    void bulkGoesBothWays() throws IOException, InterruptedException {
        byte[] bulk = new byte[20 << 20];
        new java.util.Random(1).nextBytes(bulk);
        try (TlsEcho upstream = TlsEcho.start(authority.peer(authority.leaf(NAME)))) {
            start(upstream, tls(authority.trust(), NAME));
            try (Socket socket = new Socket(relay.address.getAddress(), relay.address.getPort())) {
                Thread writer = new Thread(() -> {
                    try {
                        socket.getOutputStream().write(bulk);
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                });
                writer.start();
                assertThat(socket.getInputStream().readNBytes(bulk.length)).isEqualTo(bulk);
                writer.join();
            }
            await().untilAsserted(() -> assertThat(relay.heldBytes()).isZero());
        }
    }

    @Test
    void bytesReachATargetThatSpeaksAnOlderTls() throws IOException {
        try (TlsEcho upstream = TlsEcho.start(
                authority.peer(authority.leaf(NAME)), server -> server.setEnabledProtocols(new String[] {"TLSv1.2"}))) {
            start(upstream, tls(authority.trust(), NAME));

            assertThat(echoed("hello")).isEqualTo("hello");
            assertThat(target().getJsonObject("tls").getString("version")).isEqualTo("TLSv1.2");
            assertThat(target().getJsonObject("tls").getString("peer")).isEqualTo(NAME);
        }
    }

    @Test
    void aTargetThatSpeaksOnlyAnOlderTlsIsRefusedIfTheLinkSaysSo() throws IOException {
        try (TlsEcho upstream = TlsEcho.start(
                authority.peer(authority.leaf(NAME)), server -> server.setEnabledProtocols(new String[] {"TLSv1.2"}))) {
            start(
                    upstream,
                    new UpstreamTls(
                            authority.trust(),
                            Optional.of(NAME),
                            List.of(),
                            Optional.empty(),
                            UpstreamTls.DEFAULT_NEGOTIATION,
                            TlsVersion.TLS_1_3));

            assertRefused(DialResult.TLS_ALERT, "it ended the TLS handshake with the alert 'protocol version'");
        }
    }

    @Test
    void theRelaySpeaksNoNewerTlsThanItsSettingAllows() throws IOException {
        try (TlsEcho upstream = TlsEcho.start(authority.peer(authority.leaf(NAME)))) {
            relay = TestRelay.start(
                    Map.of("AMBASSADOR_TLS_MAX_VERSION", "1.2"),
                    TestRelay.freeAddress(),
                    upstream.address(),
                    link -> link.toBuilder()
                            .upstreamTls(Optional.of(tls(authority.trust(), NAME)))
                            .build());

            assertThat(echoed("hello")).isEqualTo("hello");
            assertThat(target().getJsonObject("tls").getString("version")).isEqualTo("TLSv1.2");
        }
    }

    @Test
    void aLinkThatWantsNewerTlsThanTheSettingAllowsIsToldSo() throws IOException {
        try (TlsEcho upstream = TlsEcho.start(authority.peer(authority.leaf(NAME)))) {
            relay = TestRelay.start(
                    Map.of("AMBASSADOR_TLS_MAX_VERSION", "1.2"),
                    TestRelay.freeAddress(),
                    upstream.address(),
                    link -> link.toBuilder()
                            .upstreamTls(Optional.of(new UpstreamTls(
                                    authority.trust(),
                                    Optional.of(NAME),
                                    List.of(),
                                    Optional.empty(),
                                    UpstreamTls.DEFAULT_NEGOTIATION,
                                    TlsVersion.TLS_1_3)))
                            .build());

            // Each connection, and not only the one that asked first.
            for (int i = 0; i < 2; i++) {
                assertRefused(
                        DialResult.TLS_FAILED, "the link wants at least TLS 1.3, and the relay speaks at most 1.2");
            }
        }
    }

    @Test
    void anEndWithoutCloseNotifyIsAReset() throws Exception {
        try (TlsEcho upstream = TlsEcho.start(authority.peer(authority.leaf(NAME)));
                ServerSocket between = new ServerSocket(0, 50, relayAddress().getAddress())) {
            start((InetSocketAddress) between.getLocalSocketAddress(), link -> link.toBuilder()
                    .upstreamTls(Optional.of(tls(authority.trust(), NAME)))
                    .build());
            try (Socket socket = new Socket(relay.address.getAddress(), relay.address.getPort());
                    Socket near = between.accept();
                    Socket far = new Socket(
                            upstream.address().getAddress(), upstream.address().getPort())) {
                pump(near, far);
                pump(far, near);
                socket.getOutputStream().write('x');
                assertThat(socket.getInputStream().read()).isEqualTo('x');
                near.shutdownOutput();

                assertThatThrownBy(() -> {
                            if (socket.getInputStream().read() < 0) {
                                throw new IOException("a clean end");
                            }
                        })
                        .hasMessageContaining("reset");
            }
            long truncated = relay.see(link -> link.counters().truncatedTotal());
            assertThat(truncated).isOne();
        }
    }

    private static void pump(Socket from, Socket to) {
        Thread thread = new Thread(() -> {
            try {
                from.getInputStream().transferTo(to.getOutputStream());
            } catch (IOException closed) {
                // The end of the test.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    @Test
    void aCertificateOfAnotherAuthorityIsRefused() throws IOException {
        try (TlsEcho upstream = TlsEcho.start(other.peer(other.leaf(NAME)))) {
            start(upstream, tls(authority.trust(), NAME));

            assertRefused(DialResult.TLS_UNTRUSTED, "it has a certificate of CN=b, which comes from no authority");
            assertThat(upstream.received()).isEmpty();
        }
    }

    @Test
    void aCertificateOfAnotherNameIsRefused() throws IOException {
        try (TlsEcho upstream = TlsEcho.start(authority.peer(authority.leaf("pg-b.example.com")))) {
            start(upstream, tls(authority.trust(), NAME));

            assertRefused(DialResult.TLS_NAME, "it has a certificate for pg-b.example.com");
            assertThat(upstream.received()).isEmpty();
        }
    }

    @Test
    void anExpiredCertificateIsRefused() throws IOException {
        Instant past = Instant.now().minus(Duration.ofDays(2));
        try (TlsEcho upstream = TlsEcho.start(authority.peer(authority.leaf(past, Duration.ofDays(1), NAME)))) {
            start(upstream, tls(authority.trust(), NAME));

            assertRefused(DialResult.TLS_EXPIRED, "it has a certificate that expired at");
        }
    }

    @Test
    void aCertificateThatIsNotValidYetIsRefused() throws IOException {
        Instant future = Instant.now().plus(Duration.ofDays(2));
        try (TlsEcho upstream = TlsEcho.start(authority.peer(authority.leaf(future, Duration.ofDays(1), NAME)))) {
            start(upstream, tls(authority.trust(), NAME));

            assertRefused(DialResult.TLS_EXPIRED, "it has a certificate that is not valid before");
        }
    }

    @Test
    void aUriTakesThePlaceOfTheHostname() throws IOException {
        SubjectAltName wanted = new SubjectAltName(SubjectAltName.Type.URI, "spiffe://corp/ns/db/sa/pg");
        try (TlsEcho upstream = TlsEcho.start(authority.peer(authority.leaf("spiffe://corp/ns/db/sa/pg")))) {
            start(upstream, tls(authority.trust(), NAME, wanted));

            assertThat(echoed("hello")).isEqualTo("hello");
        }
    }

    @Test
    void anotherUriIsRefusedAlsoWithTheHostname() throws IOException {
        SubjectAltName wanted = new SubjectAltName(SubjectAltName.Type.URI, "spiffe://corp/ns/db/sa/pg");
        try (TlsEcho upstream = TlsEcho.start(authority.peer(authority.leaf("spiffe://corp/ns/db/sa/pg2", NAME)))) {
            start(upstream, tls(authority.trust(), NAME, wanted));

            assertRefused(DialResult.TLS_NAME, "not for one of the names that the link lists");
        }
    }

    @Test
    void aUriOfAnotherAuthorityIsRefused() throws IOException {
        SubjectAltName wanted = new SubjectAltName(SubjectAltName.Type.URI, "spiffe://corp/ns/db/sa/pg");
        try (TlsEcho upstream = TlsEcho.start(other.peer(other.leaf("spiffe://corp/ns/db/sa/pg")))) {
            start(upstream, tls(authority.trust(), NAME, wanted));

            assertRefused(DialResult.TLS_UNTRUSTED, "comes from no authority");
        }
    }

    @Test
    void aTargetWithoutTlsGetsNothingButAHandshake() throws IOException {
        try (ServerSocket plain = new ServerSocket(0, 50, relayAddress().getAddress())) {
            Queue<Integer> first = new ConcurrentLinkedQueue<>();
            Thread server = new Thread(() -> {
                try (Socket socket = plain.accept()) {
                    first.add(socket.getInputStream().read());
                    socket.getOutputStream().write("-ERR not for me\r\n".getBytes(US_ASCII));
                    InputStream in = socket.getInputStream();
                    while (in.read() >= 0) {
                        // Until the relay ends it.
                    }
                } catch (IOException reset) {
                    // The expected end.
                }
            });
            server.start();
            start((InetSocketAddress) plain.getLocalSocketAddress(), link -> link.toBuilder()
                    .upstreamTls(Optional.of(tls(authority.trust(), NAME)))
                    .build());

            assertRefused(DialResult.TLS_NOT_OFFERED, "it answered without TLS");
            assertThat(first).as("the first byte, that of a handshake record").containsExactly(0x16);
        }
    }

    @Test
    void clearTextBehindTheAnswerToAnSslRequestIsRefused() throws IOException {
        try (ServerSocket between = new ServerSocket(0, 50, relayAddress().getAddress())) {
            Queue<String> heard = new ConcurrentLinkedQueue<>();
            Thread server = new Thread(() -> {
                try (Socket socket = between.accept()) {
                    heard.add(HexFormat.of().formatHex(socket.getInputStream().readNBytes(8)));
                    socket.getOutputStream().write("SE".getBytes(US_ASCII));
                    heard.add(HexFormat.of().formatHex(socket.getInputStream().readAllBytes()));
                } catch (IOException reset) {
                    // The expected end.
                }
            });
            server.start();
            start((InetSocketAddress) between.getLocalSocketAddress(), link -> link.toBuilder()
                    .upstreamTls(Optional.of(new UpstreamTls(
                            authority.trust(),
                            Optional.of(NAME),
                            List.of(),
                            Optional.empty(),
                            UpstreamTls.Negotiation.POSTGRESQL,
                            UpstreamTls.DEFAULT_MIN_VERSION)))
                    .build());

            assertRefused(DialResult.TLS_NOT_OFFERED, "sent more than its answer");
            assertThat(heard).as("an SSLRequest and nothing behind it").containsExactly("0000000804d2162f");
        }
    }

    @Test
    void aTargetThatSaysNothingTimesOut() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, relayAddress().getAddress())) {
            start((InetSocketAddress) silent.getLocalSocketAddress(), link -> link.toBuilder()
                    .connectTimeout(Duration.ofMillis(300))
                    .upstreamTls(Optional.of(tls(authority.trust(), NAME)))
                    .build());

            assertRefused(DialResult.TLS_TIMEOUT, "no TLS handshake within 300 ms");
        }
    }

    @Test
    void aTargetThatFailsItsCheckIsPassedOver() throws IOException {
        try (TlsEcho wrong = TlsEcho.start(other.peer(other.leaf(NAME)));
                TlsEcho right = TlsEcho.start(authority.peer(authority.leaf(NAME)))) {
            start(wrong.address(), link -> link.toBuilder()
                    .upstreamTls(Optional.of(tls(authority.trust(), NAME)))
                    .build());
            relay.apply(relay
                    .link(
                            Link.DEFAULT_EXISTING_CONNECTIONS,
                            Link.DEFAULT_DRAIN_TIMEOUT,
                            wrong.address(),
                            right.address())
                    .toBuilder()
                    .upstreamTls(Optional.of(tls(authority.trust(), NAME)))
                    .build());

            assertThat(echoed("hello")).isEqualTo("hello");
            assertThat(target().getBoolean("ejected")).isTrue();
        }
    }

    @Test
    void aTableThatBringsTlsIsServedByNoConnectionWithoutIt() throws IOException {
        try (TlsEcho upstream = TlsEcho.start(authority.peer(authority.leaf(NAME)))) {
            start(upstream.address(), link -> link);
            relay.apply(
                    relay
                            .link(Link.DEFAULT_EXISTING_CONNECTIONS, Link.DEFAULT_DRAIN_TIMEOUT, upstream.address())
                            .toBuilder()
                            .upstreamTls(Optional.of(tls(authority.trust(), NAME)))
                            .build());

            assertThat(echoed("hello")).isEqualTo("hello");
        }
    }

    @Test
    void aCertificateIsShownToATargetThatAsksForIt() throws IOException {
        authority.leaf("relay.example.com").write(certificates.resolve("mine"));
        try (TlsEcho upstream = TlsEcho.start(authority.peer(authority.leaf(NAME)), TlsEcho::needClient)) {
            start(upstream, showing("mine"));

            assertThat(echoed("hello")).isEqualTo("hello");
            assertThat(upstream.certificates()).hasSize(1);
        }
    }

    @Test
    @ExpectedWarning("certificate mine: .*tls.crt is not there; no connection that needs it is served")
    void aCertificateThatComesLaterThanTheRelayIsShown() throws IOException {
        try (TlsEcho upstream = TlsEcho.start(authority.peer(authority.leaf(NAME)), TlsEcho::needClient)) {
            start(upstream, showing("mine"));
            assertRefused(DialResult.TLS_CERTIFICATE, "the relay has no certificate to show");
            authority.leaf("relay.example.com").write(certificates.resolve("mine"));

            await().ignoreExceptions().until(() -> echoed("hello").equals("hello"));
        }
    }

    @Test
    void aRenewedCertificateIsShownToNewConnectionsAndOpenOnesStay() throws IOException {
        TestAuthority.Leaf first = authority.leaf("relay.example.com");
        TestAuthority.Leaf second = authority.leaf("relay.example.com");
        first.write(certificates.resolve("mine"));
        try (TlsEcho upstream = TlsEcho.start(authority.peer(authority.leaf(NAME)), TlsEcho::needClient)) {
            start(upstream, showing("mine"));
            try (Socket open = new Socket(relay.address.getAddress(), relay.address.getPort())) {
                open.getOutputStream().write('1');
                assertThat(open.getInputStream().read()).isEqualTo('1');
                second.write(certificates.resolve("mine"));

                await().untilAsserted(() -> {
                    assertThat(echoed("hello")).isEqualTo("hello");
                    assertThat(upstream.certificates()).contains(second.certificate());
                });
                open.getOutputStream().write('2');
                assertThat(open.getInputStream().read()).isEqualTo('2');
            }
            assertThat(upstream.certificates()).startsWith(first.certificate());
        }
    }

    @Test
    @ExpectedWarning(
            "certificate mine: .*tls.key is not the key of the certificate in tls.crt; the last good one stays")
    void aBadRenewalLeavesTheLastGoodCertificate() throws IOException {
        TestAuthority.Leaf good = authority.leaf("relay.example.com");
        good.write(certificates.resolve("mine"));
        try (TlsEcho upstream = TlsEcho.start(authority.peer(authority.leaf(NAME)), TlsEcho::needClient)) {
            start(upstream, showing("mine"));
            assertThat(echoed("hello")).isEqualTo("hello");
            new TestAuthority.Leaf(authority.leaf("other").certificate(), good.key())
                    .write(certificates.resolve("mine"));

            await().until(() -> relay.certificateError("mine").contains("is not the key"));
            assertThat(echoed("hello")).isEqualTo("hello");
            assertThat(upstream.certificates()).containsOnly(good.certificate());
        }
    }

    private static InetSocketAddress relayAddress() {
        return new InetSocketAddress(java.net.InetAddress.getLoopbackAddress(), 0);
    }
}
