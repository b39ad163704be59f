package link.ambassador.relay.dns;

/** A name has no address now. The message is a sentence with the name, the servers and what happened. */
public final class UnresolvedException extends Exception {

    /** What happened. It decides the metric, and whether older addresses may still be used. */
    public enum Reason {
        /** The name does not exist, or has no address. This is an answer, so no older address is used. */
        NOT_FOUND,
        /** No server answered in time. */
        TIMEOUT,
        /** Servers answered with a failure (SERVFAIL, REFUSED), or could not be queried. */
        SERVER_FAILURE,
        /** Not a valid DNS name. */
        INVALID
    }

    private final transient Reason reason;

    public UnresolvedException(Reason reason, String sentence) {
        // No stack trace: an ordinary outcome, which may come as often as connects do.
        super(sentence, null, false, false);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
