package link.ambassador.webhook.tls;

import java.time.Instant;
import java.util.Set;

/** Certificates for tests of other packages. */
public final class TestCertificates {
    private TestCertificates() {}

    /** New ones, for a server of that name. */
    public static ServerCertificate of(String name, Instant now) {
        return Certificates.first(Set.of(name), now, CertificateTimes.DEFAULT).served();
    }
}
