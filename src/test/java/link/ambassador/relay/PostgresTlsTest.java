package link.ambassador.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import link.ambassador.config.TlsVersion;
import link.ambassador.config.UpstreamTls;
import link.ambassador.relay.dial.DialResult;
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
