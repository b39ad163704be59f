package link.ambassador.relay.dns;

/** A name that has no address now; its message is a sentence with the name, the servers asked and what happened. */
public final class UnresolvedException extends Exception {

    /** What happened, for metrics and for deciding whether an older address may still serve. */
    public enum Reason {
        /** The name does not exist, or has no address. An answer, so no older address is used in its place. */
        NOT_FOUND,
        /** No server answered in time. */
        TIMEOUT,
        /** Servers answered that they cannot tell (SERVFAIL, REFUSED), or could not be asked. */
        SERVER_FAILURE,
        /** Not a name that can be asked for. */
        INVALID
    }

    private final transient Reason reason;

    public UnresolvedException(Reason reason, String sentence) {
        // An ordinary outcome that may come at the rate of connects: no stack trace.
        super(sentence, null, false, false);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
