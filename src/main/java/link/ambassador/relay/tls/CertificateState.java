package link.ambassador.relay.tls;

import java.time.Instant;
import java.util.Optional;

/**
 * A certificate that the relay shows, at one moment.
 *
 * @param notAfter its end; empty if no good one was read yet
 * @param error why the files are not what the relay shows; empty if they are
 */
public record CertificateState(String name, Optional<Instant> notAfter, String error) {}
