package link.ambassador.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import link.ambassador.config.DownstreamTls;
import link.ambassador.config.SubjectAltName;
import link.ambassador.config.UpstreamTls;
import link.ambassador.relay.join.CloseReason;
import link.ambassador.relay.tls.TestAuthority;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two relays with mutual TLS in between get new certificates again and again, as the kubelet swaps them, while clients connect as fast
 * as they can and others hold connections. The long form: {@code -DargLine=-Drenewals=10000}.
 */
final class RenewalUnderLoadTest {
    private static final int RENEWALS = Integer.getInteger("renewals", 100);
    private static final int CONNECTING = 2;
    private static final int HOLDING = 10;
    private static final String NEAR = "near.example.com";
    private static final String FAR = "far.example.com";

    private final TestAuthority authority = new TestAuthority("a");
    private final Instant began = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private StampingUpstream upstream;
    private TestRelay near;
    private TestRelay far;

    @TempDir
    private Path certificates;

    @BeforeEach
    void start() throws Exception {
        upstream = new StampingUpstream('a');
        renew(NEAR, 0);
        renew(FAR, 0);
        Map<String, String> variables = Map.of("AMBASSADOR_TLS_DIRECTORY", certificates.toString());
        InetSocketAddress between = TestRelay.freeAddress();
        far = TestRelay.start(variables, between, upstream.address(), link -> link.toBuilder()
                .downstreamTls(Optional.of(new DownstreamTls(
                        FAR,
                        Optional.of(authority.trust()),
                        List.of(new SubjectAltName(SubjectAltName.Type.HOSTNAME, NEAR)),
                        DownstreamTls.DEFAULT_HANDSHAKE_TIMEOUT)))
                .build());
        near = TestRelay.start(
                variables,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), LoopbackPort.free()),
                between,
                link -> link.toBuilder()
                        .upstreamTls(Optional.of(new UpstreamTls(
                                authority.trust(),
                                Optional.of(FAR),
                                List.of(),
                                Optional.of(NEAR),
                                UpstreamTls.DEFAULT_NEGOTIATION,
                                UpstreamTls.DEFAULT_MIN_VERSION)))
                        .build());
    }

    @AfterEach
    void stop() throws Exception {
        near.close();
        far.close();
        upstream.close();
    }

    @Test
    void noConnectionFailsBecauseOfRenewedCertificates() throws Exception {
        StampedLoad load = new StampedLoad(near.address, CONNECTING, HOLDING, false);
        try (load) {
            for (int i = 1; i <= RENEWALS; i++) {
                renew(NEAR, i);
                renew(FAR, i);
                look(near);
                look(far);
                Instant end = end(i);
                await().pollInterval(Duration.ofMillis(5))
                        .until(() -> shown(near).equals(end));
                // By a handshake behind the renewal.
                await().pollInterval(Duration.ofMillis(5))
                        .until(() -> seenByNear().equals(end));
                long answers = load.answers();
                await().pollInterval(Duration.ofMillis(1)).until(() -> load.answers() > answers);
            }
        }
        await().until(() -> near.open() + far.open() == 0);
        assertThat(load.failures()).isEmpty();
        for (TestRelay relay : List.of(near, far)) {
            assertThat(relay.<Set<CloseReason>>see(
                            link -> Set.copyOf(link.counters().closedByReason().keySet())))
                    .doesNotContain(
                            CloseReason.CONNECT_FAILED,
                            CloseReason.HANDSHAKE,
                            CloseReason.IDENTITY,
                            CloseReason.UPSTREAM_RESET,
                            CloseReason.DOWNSTREAM_RESET);
            assertThat(relay.metrics()).doesNotContainPattern("ambassador_tls_handshakes_total\\{.*result=\"(?!ok\")");
        }
        System.out.println(RENEWALS + " renewals of both certificates: " + load.connections() + " connections, "
                + load.answers() + " answers, none failed");
    }

    private void renew(String name, int number) {
        authority.leaf(began, Duration.between(began, end(number)), name).write(certificates.resolve(name));
    }

    private Instant end(int number) {
        return began.plus(1, ChronoUnit.DAYS).plusSeconds(number);
    }

    private static void look(TestRelay relay) {
        TestRelay.await(relay.relay.inspect(() -> {
            relay.relay.tls().check();
            return true;
        }));
    }

    private static Instant shown(TestRelay relay) {
        return TestRelay.await(relay.relay.inspect(
                () -> relay.relay.tls().certificates().get(0).notAfter().orElse(Instant.EPOCH)));
    }

    /** The end of the certificate that the far relay showed in the latest handshake. */
    private Instant seenByNear() {
        JsonObject tls = near.links()
                .getJsonArray("links")
                .getJsonObject(0)
                .getJsonArray("targets")
                .getJsonObject(0)
                .getJsonObject("tls");
        return tls == null ? Instant.EPOCH : Instant.parse(tls.getString("notAfter"));
    }
}
