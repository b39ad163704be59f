package link.ambassador.relay.tls;

import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import link.ambassador.config.Printable;

/** Why a connection has no TLS. The message is a sentence without a subject, about the peer. It has no stack trace. */
public final class TlsFailure extends Exception {
    /** The kinds of failures. */
    public enum Reason {
        /** The peer's certificate comes from no authority that the link trusts. */
        UNTRUSTED,
        /** The peer's certificate has another name. */
        NAME,
        /** The peer's certificate has expired, or is not valid yet. */
        EXPIRED,
        /** The peer shows no certificate. */
        NO_CERTIFICATE,
        /** The peer ended the handshake and said why. */
        ALERT,
        /** The peer does not speak TLS, or does not want to. */
        NOT_OFFERED,
        /** The handshake took too long. */
        TIMEOUT,
        /** The relay has no certificate to show. */
        OWN_CERTIFICATE,
        /** Another error, or the end of the connection. */
        FAILED
    }

    /** How BoringSSL and the JDK tell of an alert. */
    private static final Pattern ALERT = Pattern.compile("(?:_ALERT_|fatal alert: )(\\w+)");

    private final transient Reason reason;

    TlsFailure(Reason reason, String sentence) {
        super(sentence, null, false, false);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }

    /** What a failed handshake means. */
    static TlsFailure of(Throwable handshake) {
        for (Throwable cause = handshake; cause != null; cause = cause.getCause()) {
            if (cause instanceof TlsFailure known) {
                return known;
            }
            if (cause instanceof RejectedPeerException rejected) {
                return new TlsFailure(rejected.reason(), rejected.getMessage());
            }
            if (cause instanceof NotSslRecordException) {
                return new TlsFailure(Reason.NOT_OFFERED, "answered without TLS");
            }
            if (cause instanceof SslHandshakeTimeoutException) {
                return new TlsFailure(Reason.TIMEOUT, "did not finish the TLS handshake in time");
            }
            if (cause instanceof ClosedChannelException) {
                return new TlsFailure(Reason.FAILED, "ended the connection during the TLS handshake");
            }
        }
        for (Throwable cause = handshake; cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException) {
                return ofMessage(String.valueOf(cause.getMessage()));
            }
        }
        return new TlsFailure(Reason.FAILED, "failed during the TLS handshake: " + shown(handshake.getMessage()));
    }

    /** A failure that a library tells of by its text alone. */
    private static TlsFailure ofMessage(String message) {
        Matcher alert = ALERT.matcher(message);
        if (alert.find()) {
            String words = alert.group(1).toLowerCase(Locale.ROOT).replace('_', ' ');
            return new TlsFailure(Reason.ALERT, "ended the TLS handshake with the alert '" + words + "'");
        }
        if (message.contains("PEER_DID_NOT_RETURN_A_CERTIFICATE")
                || message.contains("Empty client certificate chain")) {
            return new TlsFailure(Reason.NO_CERTIFICATE, "showed no certificate");
        }
        if (message.contains("WRONG_VERSION_NUMBER") || message.contains("HTTP_REQUEST")) {
            return new TlsFailure(Reason.NOT_OFFERED, "answered without TLS");
        }
        return new TlsFailure(Reason.FAILED, "failed during the TLS handshake: " + shown(message));
    }

    private static String shown(String message) {
        return Printable.text(String.valueOf(message));
    }
}
