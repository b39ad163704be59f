package link.ambassador.webhook.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What certificates are, and how they come out of a Secret again. */
class CertificatesTest {
    private static final Set<String> NAMES = Set.of("ambassador-webhook.ambassador-system.svc", "127.0.0.1", "::1");
    private static final CertificateTimes TIMES = CertificateTimes.DEFAULT;
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

    private final Certificates first = Certificates.first(NAMES, NOW, TIMES);

    @Test
    void theLeafIsAServersOnP256SignedByTheAuthority() throws Exception {
        X509Certificate leaf = first.leaf().certificate();

        leaf.verify(first.newest().getPublicKey());
        assertThat(leaf.getIssuerX500Principal()).isEqualTo(first.newest().getSubjectX500Principal());
        assertThat(leaf.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
        assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
        assertThat(leaf.getPublicKey()).isInstanceOfSatisfying(ECPublicKey.class, key -> assertThat(
                        key.getParams().getOrder().bitLength())
                .isEqualTo(256));
        assertThat(leaf.getSubjectAlternativeNames())
                .containsExactlyInAnyOrder(
                        List.of(2, "ambassador-webhook.ambassador-system.svc"),
                        List.of(7, "127.0.0.1"),
                        List.of(7, "0:0:0:0:0:0:0:1"));
    }

    @Test
    void theAuthoritySignsLeavesAndNoOtherAuthority() {
        assertThat(first.newest().getBasicConstraints()).isZero();
        assertThat(first.newest().getKeyUsage()[5]).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"-10", "0", "10"})
    void aClockThatIsTenMinutesOffFindsThemValid(int minutes) throws Exception {
        Date off = Date.from(NOW.plus(minutes, ChronoUnit.MINUTES));

        first.newest().checkValidity(off);
        first.leaf().certificate().checkValidity(off);
    }

    @Test
    void aLeafEndsWithItsAuthorityAtTheLatest() {
        Instant late = NOW.plus(TIMES.authority()).minus(Duration.ofDays(1));

        assertThat(first.withNewLeaf(NAMES, late, TIMES).served().end()).isEqualTo(NOW.plus(TIMES.authority()));
    }

    @Test
    void theyComeOutOfASecretAsTheyWentIn() {
        Certificates two = first.withNewAuthority(NOW, TIMES);

        assertThat(Certificates.of(two.data())).isEqualTo(two);
    }

    @ParameterizedTest
    @CsvSource({
        "tls.crt, '',              no certificate",
        "tls.key, '',              no private key",
        "ca.crt,  '',              no certificate",
        "ca.key,  garbage,         no private key",
        "tls.key, AUTHORITY_KEY,   a private key that is not its certificate's",
        "tls.crt, OTHER_LEAF,      a private key that is not its certificate's",
        "ca.crt,  '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', certificates that cannot be read"
    })
    void whatIsNotWholeIsSaid(String key, String value, String sentence) {
        Map<String, String> data = new HashMap<>(first.data());
        data.put(
                key,
                value.replace("AUTHORITY_KEY", data.get("ca.key"))
                        .replace(
                                "OTHER_LEAF",
                                Certificates.first(NAMES, NOW, TIMES).data().get("tls.crt")));

        assertThatThrownBy(() -> Certificates.of(data))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(sentence);
    }

    @Test
    void aLeafOfAnAuthorityThatIsNotTrustedIsNotWhole() {
        Certificates other = Certificates.first(NAMES, NOW, TIMES);
        Map<String, String> data = new HashMap<>(first.data());
        data.put("ca.crt", other.data().get("ca.crt"));
        data.put("ca.key", other.data().get("ca.key"));

        assertThatThrownBy(() -> Certificates.of(data)).hasMessage("a leaf that none of the authorities signed");
    }
}
