package link.ambassador.relay.tls;

import java.security.cert.CertificateException;

/** The relay does not believe a peer's certificate. The message is a sentence without a subject, about the peer. */
final class RejectedPeerException extends CertificateException {
    private final transient TlsFailure.Reason reason;

    RejectedPeerException(TlsFailure.Reason reason, String sentence, CertificateException cause) {
        super(sentence, cause);
        this.reason = reason;
    }

    TlsFailure.Reason reason() {
        return reason;
    }
}
