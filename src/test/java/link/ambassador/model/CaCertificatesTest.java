package link.ambassador.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.config.Trust;
import org.junit.jupiter.api.Test;

class CaCertificatesTest {
    private static final String A = pem("ca-a");
    private static final String B = pem("ca-b");

    static String pem(String name) {
        try {
            return Files.readString(Path.of("src/test/resources/tls/" + name + ".pem"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void onlyTheCertificatesAreKept() {
        CaBundle read = CaCertificates.read(
                "company-ca", Optional.of("# of the company\n" + A + "password: hunter2\n" + B.replace("\n", "\r\n")));

        assertThat(((CaBundle.Known) read).bundle().pem()).isEqualTo(A + B);
    }

    @Test
    void theSameCertificatesHaveTheSameName() {
        assertThat(known("# one\n" + A)).isEqualTo(known(A));
        assertThat(known(A).name()).isNotEqualTo(known(B).name());
    }

    @Test
    void aConfigMapWithoutTheKeyIsNoReference() {
        assertThat(CaCertificates.read("company-ca", Optional.empty()))
                .isEqualTo(
                        new CaBundle.Unusable(
                                ConditionReason.INVALID_CA_CERTIFICATE_REF,
                                "ConfigMap company-ca does not exist or has no key ca.crt: it must have certificates in PEM there."));
    }

    @Test
    void aTextThatIsNoCertificateIsToldWithWhatIsWrong() {
        assertUnusable("", "has no certificate in PEM");
        assertUnusable("hello", "has no certificate in PEM");
        assertUnusable(A.replace("-----END CERTIFICATE-----", ""), "has no certificate in PEM");
        assertUnusable(A + A.replace("-----END CERTIFICATE-----", ""), "without its end");
        assertUnusable(A + A.replace("MIIB", "AAAA"), "cannot be read, number 2");
        assertUnusable(A + "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "has a private key");
        assertUnusable("-----BEGIN EC PRIVATE KEY-----", "has a private key");
    }

    @Test
    void certificatesThatDoNotFitIntoATableAreRefused() {
        int fit = Trust.Bundle.MAX_PEM_LENGTH / A.length();

        assertThat(CaCertificates.read("c", Optional.of(A.repeat(fit)))).isInstanceOf(CaBundle.Known.class);
        assertUnusable(A.repeat(fit + 1), "at most 32768 fit into a link table");
        assertUnusable("#".repeat(CaCertificates.MOST_CHARACTERS) + A, "is too long");
    }

    private static Trust.Bundle known(String text) {
        return ((CaBundle.Known) CaCertificates.read("company-ca", Optional.of(text))).bundle();
    }

    private static void assertUnusable(String text, String sentence) {
        assertThat(CaCertificates.read("company-ca", Optional.of(text)))
                .isInstanceOfSatisfying(CaBundle.Unusable.class, unusable -> {
                    assertThat(unusable.reason()).isEqualTo(ConditionReason.NO_VALID_CA_CERTIFICATE);
                    assertThat(unusable.sentence()).contains("ca.crt of ConfigMap company-ca", sentence);
                });
    }
}
