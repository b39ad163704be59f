package link.ambassador.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import link.ambassador.config.TlsVersion;
import link.ambassador.config.UpstreamTls;
import link.ambassador.relay.dial.DialResult;
import link.ambassador.relay.join.CloseReason;
import link.ambassador.relay.tls.TestAuthority;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real PostgreSQL that demands nothing of its consumers, which the relay reaches in TLS. */
final class PostgresTlsTest {
    private static final String NAME = "pg.example.com";
    private static final String IN_TLS = "ssl from pg_stat_ssl where pid = pg_backend_pid()";

    private final TestAuthority authority = new TestAuthority("a");

    private TestRelay relay(RealPostgres postgres) {
        return TestRelay.start(
                Map.of(),
                TestRelay.freeAddress(),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), postgres.port()),
                link -> link.toBuilder()
                        .upstreamTls(Optional.of(new UpstreamTls(
                                authority.trust(),
                                Optional.of(NAME),
                                List.of(),
                                Optional.empty(),
                                UpstreamTls.Negotiation.POSTGRESQL,
                                TlsVersion.TLS_1_3)))
                        .build());
    }

    @ParameterizedTest
    @ValueSource(strings = {"disable", "allow", "prefer"})
    void aConsumerThatDoesNotDemandTlsIsServedAndTheServerHasIt(String sslmode) throws Exception {
        try (RealPostgres postgres = RealPostgres.start(authority.leaf(NAME));
                TestRelay relay = relay(postgres)) {
            assertThat(postgres.select(postgres.port(), "disable", IN_TLS)).isEqualTo(new RealPostgres.Answer(0, "f"));

            assertThat(postgres.select(relay.address.getPort(), sslmode, IN_TLS))
                    .isEqualTo(new RealPostgres.Answer(0, "t"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"disable", "prefer"})
    void pgbenchSeesNoFailure(String sslmode) throws Exception {
        try (RealPostgres postgres = RealPostgres.start(authority.leaf(NAME));
                TestRelay relay = relay(postgres)) {
            int through = relay.address.getPort();
            RealPostgres.Answer tables = postgres.pgbench(through, sslmode, "--initialize", "--quiet");
            assertThat(tables.status()).as(tables.text()).isZero();

            RealPostgres.Answer kept = postgres.pgbench(through, sslmode, "--client=4", "--transactions=100");
            RealPostgres.Answer connecting =
                    postgres.pgbench(through, sslmode, "--client=4", "--transactions=10", "--connect", "--select-only");

            assertThat(kept.text()).contains("transactions actually processed: 400/400", "failed transactions: 0 (");
            assertThat(connecting.text())
                    .contains("transactions actually processed: 40/40", "failed transactions: 0 (");
            await().until(relay::open, open -> open == 0);
            assertThat(relay.closed(CloseReason.UPSTREAM_RESET)).isZero();
        }
    }

    /** The pool asks for TLS, is told that there is none, and goes on without: {@code server_tls_sslmode} is {@code prefer}. */
    @Test
    void thePoolOfPgBouncerIsServed() throws Exception {
        try (RealPostgres postgres = RealPostgres.start(authority.leaf(NAME));
                TestRelay relay = relay(postgres);
                PoolOfPgBouncer pool = PoolOfPgBouncer.start(relay.address)) {
            assertThat(postgres.select(pool.port(), "disable", IN_TLS)).isEqualTo(new RealPostgres.Answer(0, "t"));
            assertThat(postgres.pgbench(pool.port(), "disable", "--initialize", "--quiet")
                            .status())
                    .isZero();

            RealPostgres.Answer answer = postgres.pgbench(
                    pool.port(), "disable", "--client=8", "--transactions=10", "--connect", "--select-only");

            assertThat(answer.text()).contains("transactions actually processed: 80/80", "failed transactions: 0 (");
            assertThat(relay.dialsTotal()).isLessThanOrEqualTo(PoolOfPgBouncer.CONNECTIONS);
        }
    }

    @Test
    void aConsumerThatDemandsTlsIsToldThatThereIsNone() throws Exception {
        try (RealPostgres postgres = RealPostgres.start(authority.leaf(NAME));
                TestRelay relay = relay(postgres)) {
            assertThat(postgres.select(relay.address.getPort(), "require", "1").text())
                    .contains("server does not support SSL");
        }
    }

    @Test
    void aServerWithoutTlsIsNotSpokenToInClearText() throws Exception {
        try (RealPostgres postgres = RealPostgres.start(null);
                TestRelay relay = relay(postgres)) {
            assertThat(postgres.select(relay.address.getPort(), "prefer", "1").status())
                    .isNotZero();
            assertThat(relay.dials(DialResult.TLS_NOT_OFFERED)).isPositive();
        }
    }

    @Test
    void aServerOfAnotherAuthorityIsRefused() throws Exception {
        try (RealPostgres postgres = RealPostgres.start(new TestAuthority("b").leaf(NAME));
                TestRelay relay = relay(postgres)) {
            assertThat(postgres.select(relay.address.getPort(), "prefer", "1").status())
                    .isNotZero();
            assertThat(relay.dials(DialResult.TLS_UNTRUSTED)).isPositive();
        }
    }
}
