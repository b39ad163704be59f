package link.ambassador.config;

import java.util.List;
import java.util.Optional;

/**
 * TLS towards the targets of a link. The relay always verifies the certificate of a target; nothing switches that off.
 *
 * @param trust the authorities that a target's certificate must come from
 * @param hostname the name to ask for (SNI) and to verify; empty: the host of each target
 * @param subjectAltNames if there are any, the certificate must have one of them, and {@code hostname} is only asked for
 * @param clientCertificate the {@linkplain CertificateName name} of the certificate that the relay shows; empty: it shows none
 * @param negotiation what comes before the handshake
 * @param minVersion the oldest version of TLS
 */
public record UpstreamTls(
        Trust trust,
        Optional<String> hostname,
        List<SubjectAltName> subjectAltNames,
        Optional<String> clientCertificate,
        Negotiation negotiation,
        TlsVersion minVersion) {
    /** Who shows a certificate; the words of Gateway API's XBackend. */
    public enum Mode implements Word {
        SERVER_ONLY("ServerOnly"),
        CLIENT_AND_SERVER("ClientAndServer");

        private final String word;

        Mode(String word) {
            this.word = word;
        }

        @Override
        public String word() {
            return word;
        }
    }

    /** What comes before the handshake. */
    public enum Negotiation implements Word {
        /** Nothing: the connection begins with the handshake. */
        DIRECT("Direct"),

        /** An SSLRequest (https://www.postgresql.org/docs/15/protocol-flow.html#id-1.10.6.7.12). */
        POSTGRESQL("PostgreSQL");

        private final String word;

        Negotiation(String word) {
            this.word = word;
        }

        @Override
        public String word() {
            return word;
        }
    }

    public static final Negotiation DEFAULT_NEGOTIATION = Negotiation.DIRECT;
    public static final TlsVersion DEFAULT_MIN_VERSION = TlsVersion.TLS_1_2;

    /** @throws IllegalArgumentException with a sentence that says what would be right */
    public UpstreamTls {
        hostname.ifPresent(name -> {
            if (!SubjectAltName.isHostname(name)) {
                throw new IllegalArgumentException(
                        "hostname is '" + Printable.text(name) + "': it must be " + SubjectAltName.HOSTNAME_WANTED);
            }
        });
        subjectAltNames = List.copyOf(subjectAltNames);
        SubjectAltName.requireFew(subjectAltNames, "subjectAltNames");
        clientCertificate.ifPresent(name -> CertificateName.require(name, "clientCertificate"));
    }

    public Mode mode() {
        return clientCertificate.isPresent() ? Mode.CLIENT_AND_SERVER : Mode.SERVER_ONLY;
    }

    /** Whether there is a name to verify, whatever the host of a target is. */
    boolean namesThePeer() {
        return hostname.isPresent() || !subjectAltNames.isEmpty();
    }
}
