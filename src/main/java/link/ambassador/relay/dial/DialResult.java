package link.ambassador.relay.dial;

import io.netty.channel.ConnectTimeoutException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.util.Locale;
import java.util.concurrent.TimeoutException;
import link.ambassador.relay.dns.UnresolvedException;

/** How a try of one target ended. */
public enum DialResult {
    OK("connected"),
    REFUSED("connection refused"),
    TIMEOUT("no answer in time"),
    UNREACHABLE("no route to it"),
    NAME_NOT_FOUND("its name does not exist"),
    NAME_UNRESOLVED("its name could not be resolved"),
    TLS_UNTRUSTED("its certificate comes from no authority that the link trusts"),
    TLS_NAME("its certificate has another name"),
    TLS_EXPIRED("its certificate is not valid now"),
    TLS_ALERT("it ended the TLS handshake"),
    TLS_NOT_OFFERED("it does not offer TLS"),
    TLS_TIMEOUT("no TLS handshake in time"),
    TLS_CERTIFICATE("the relay has no certificate to show"),
    TLS_FAILED("the TLS handshake failed"),
    UNHEALTHY("no target is healthy"),
    SELF("it is this relay's own listener"),
    CANCELLED("the dial was cancelled"),
    OTHER("connecting failed");

    private final String sentence;
    private final String label;

    DialResult(String sentence) {
        this.sentence = sentence;
        this.label = name().toLowerCase(Locale.ROOT);
    }

    /** For a person. */
    public String sentence() {
        return sentence;
    }

    /** Whether the next try may end better by itself: not while the link leads to itself, or a certificate is wrong. */
    boolean mayHeal() {
        return switch (this) {
            case SELF, CANCELLED, TLS_UNTRUSTED, TLS_NAME, TLS_EXPIRED -> false;
            default -> true;
        };
    }

    /** The value of the metric's label. */
    public String label() {
        return label;
    }

    /** The same with what a failure says of itself, behind the name of the target. */
    String sentence(Throwable failure) {
        if (failure instanceof DialException known) {
            return known.getMessage();
        }
        return this == OTHER ? sentence + " (" + failure.getMessage() + ")" : sentence;
    }

    /** The result that a failure of a {@link Connector} or a resolver stands for. */
    static DialResult of(Throwable failure) {
        if (failure instanceof DialException known) {
            return known.result();
        }
        if (failure instanceof UnresolvedException unresolved) {
            return unresolved.reason() == UnresolvedException.Reason.NOT_FOUND ? NAME_NOT_FOUND : NAME_UNRESOLVED;
        }
        if (failure instanceof ConnectTimeoutException
                || failure instanceof SocketTimeoutException
                || failure instanceof TimeoutException) {
            return TIMEOUT;
        }
        if (failure instanceof NoRouteToHostException) {
            return UNREACHABLE;
        }
        // NIO and epoll throw different exceptions for the same errno; they share the text of strerror.
        String message = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        if (message.contains("unreachable") || message.contains("no route to host")) {
            return UNREACHABLE;
        }
        if (message.contains("timed out")) {
            return TIMEOUT;
        }
        return message.contains("refused") && failure instanceof ConnectException ? REFUSED : OTHER;
    }
}
