package link.ambassador.relay.tls;

import java.time.Instant;
import java.util.Optional;

/**
 * A certificate that the relay shows, at one moment.
 *
 * @param notBefore its begin; empty if no good one was read yet
 * @param notAfter its end; empty with {@code notBefore}
 * @param error why the files are not what the relay shows; empty if they are
 */
public record CertificateState(String name, Optional<Instant> notBefore, Optional<Instant> notAfter, String error) {}
