package link.ambassador.relay.tls;

import java.net.Socket;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import link.ambassador.config.Printable;
import link.ambassador.config.SubjectAltName;

/**
 * Verifies a peer's certificate: its chain and, when the engine asks for that, its host name by the JDK; then the names that the link
 * lists. It says in a sentence what is wrong. On a thread that may block.
 */
final class PeerVerifier extends X509ExtendedTrustManager {
    /** One of the two checks of the JDK, for clients or for servers. */
    @FunctionalInterface
    private interface Check {
        void run() throws CertificateException;
    }

    private final X509ExtendedTrustManager authorities;
    private final List<SubjectAltName> names;

    /** @param names if there are any, a certificate must have one of them */
    PeerVerifier(X509ExtendedTrustManager authorities, List<SubjectAltName> names) {
        this.authorities = authorities;
        this.names = names;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        check(
                chain,
                () -> authorities.checkServerTrusted(chain, type, engine),
                () -> authorities.checkServerTrusted(chain, type));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        check(
                chain,
                () -> authorities.checkClientTrusted(chain, type, engine),
                () -> authorities.checkClientTrusted(chain, type));
    }

    /** @param chainOnly the same without the host name */
    private void check(X509Certificate[] chain, Check whole, Check chainOnly) throws CertificateException {
        try {
            whole.run();
        } catch (CertificateException e) {
            throw rejection(chain, e, chainOnly);
        }
        PeerNames found = PeerNames.of(chain[0]);
        if (!names.isEmpty() && !found.hasOneOf(names)) {
            throw new RejectedPeerException(
                    TlsFailure.Reason.NAME,
                    "has a certificate for " + found + ", and not for one of the names that the link lists",
                    null);
        }
    }

    private static RejectedPeerException rejection(X509Certificate[] chain, CertificateException e, Check chainOnly) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertPathValidatorException path
                    && (path.getReason() == BasicReason.EXPIRED || path.getReason() == BasicReason.NOT_YET_VALID)) {
                return new RejectedPeerException(TlsFailure.Reason.EXPIRED, outOfTime(chain), e);
            }
        }
        try {
            chainOnly.run();
        } catch (CertificateException untrusted) {
            return new RejectedPeerException(
                    TlsFailure.Reason.UNTRUSTED,
                    "has a certificate of "
                            + Printable.text(chain[0].getIssuerX500Principal().getName())
                            + ", which comes from no authority that the link trusts",
                    e);
        }
        return new RejectedPeerException(
                TlsFailure.Reason.NAME,
                "has a certificate for " + PeerNames.of(chain[0]) + ", and not for its name",
                e);
    }

    /** About the first certificate of the chain that is not valid now. */
    private static String outOfTime(X509Certificate[] chain) {
        Instant now = Instant.now();
        for (X509Certificate certificate : chain) {
            if (now.isAfter(certificate.getNotAfter().toInstant())) {
                return "has a certificate that expired at "
                        + certificate.getNotAfter().toInstant();
            }
            if (now.isBefore(certificate.getNotBefore().toInstant())) {
                return "has a certificate that is not valid before "
                        + certificate.getNotBefore().toInstant();
            }
        }
        return "has a certificate that is not valid now";
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return authorities.getAcceptedIssuers();
    }

    // Netty and the JDK give the engine. Without it the host name could not be verified.

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
        throw new CertificateException("verification needs the engine");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        throw new CertificateException("verification needs the engine");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        throw new CertificateException("verification needs the engine");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        throw new CertificateException("verification needs the engine");
    }
}
