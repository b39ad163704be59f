package link.ambassador.relay.tls;

import io.netty.util.AttributeKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * What a handshake with a downstream has told, for the targets of its link.
 *
 * @param serverName that the downstream asked for (SNI)
 * @param showedCertificate whether it showed a certificate, which then was verified
 * @param commonName of that certificate's subject
 */
public record DownstreamSession(
        Optional<String> serverName,
        String version,
        String cipher,
        boolean showedCertificate,
        Optional<String> commonName) {
    /** Of an accepted connection, if its link tells targets of the consumer. */
    public static final AttributeKey<DownstreamSession> KEY = AttributeKey.valueOf(DownstreamSession.class, "KEY");

    static DownstreamSession of(SSLSession session) {
        Optional<X509Certificate> leaf = leaf(session);
        return new DownstreamSession(
                serverName(session),
                session.getProtocol(),
                session.getCipherSuite(),
                leaf.isPresent(),
                leaf.flatMap(DownstreamSession::commonName));
    }

    private static Optional<X509Certificate> leaf(SSLSession session) {
        try {
            Certificate[] chain = session.getPeerCertificates();
            return chain.length > 0 && chain[0] instanceof X509Certificate leaf ? Optional.of(leaf) : Optional.empty();
        } catch (SSLPeerUnverifiedException noCertificate) {
            return Optional.empty();
        }
    }

    private static Optional<String> serverName(SSLSession session) {
        List<SNIServerName> names =
                session instanceof ExtendedSSLSession extended ? extended.getRequestedServerNames() : List.of();
        return names.stream()
                .filter(SNIHostName.class::isInstance)
                .map(name -> ((SNIHostName) name).getAsciiName())
                .findFirst();
    }

    /** The first of the subject; the others are less specific. */
    private static Optional<String> commonName(X509Certificate certificate) {
        try {
            List<Rdn> names = new LdapName(certificate.getSubjectX500Principal().getName()).getRdns();
            // The last of the list is the first of the text.
            for (int i = names.size() - 1; i >= 0; i--) {
                if (names.get(i).getType().equalsIgnoreCase("CN")
                        && names.get(i).getValue() instanceof String name) {
                    return Optional.of(name);
                }
            }
        } catch (InvalidNameException e) {
            // It has none that others could read.
        }
        return Optional.empty();
    }
}
