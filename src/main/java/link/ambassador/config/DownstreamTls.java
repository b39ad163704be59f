package link.ambassador.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * TLS towards the downstreams of a link.
 *
 * @param certificate the {@linkplain CertificateName name} of the certificate that the relay shows
 * @param clientTrust the authorities that a downstream's certificate must come from; empty: the relay asks for no certificate
 * @param clientSubjectAltNames if there are any, a downstream's certificate must have one of them
 * @param handshakeTimeout from the accept to the end of the handshake
 */
public record DownstreamTls(
        String certificate,
        Optional<Trust> clientTrust,
        List<SubjectAltName> clientSubjectAltNames,
        Duration handshakeTimeout) {
    public static final Duration DEFAULT_HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);

    /** @throws IllegalArgumentException with a sentence that says what would be right */
    public DownstreamTls {
        CertificateName.require(certificate, "certificate");
        clientSubjectAltNames = List.copyOf(clientSubjectAltNames);
        SubjectAltName.requireFew(clientSubjectAltNames, "clientSubjectAltNames");
        if (clientTrust.isEmpty() && !clientSubjectAltNames.isEmpty()) {
            throw new IllegalArgumentException(
                    "clientSubjectAltNames needs clientTrust: without it the relay asks for no certificate");
        }
        DurationSyntax.require(handshakeTimeout, "handshakeTimeout");
    }
}
