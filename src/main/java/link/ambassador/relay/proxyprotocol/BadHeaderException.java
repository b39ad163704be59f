package link.ambassador.relay.proxyprotocol;

/** A downstream did not begin as the link demands. The message follows the name of the downstream. Has no stack trace. */
public final class BadHeaderException extends Exception {
    private static final long serialVersionUID = 1;

    BadHeaderException(String sentence) {
        super(sentence, null, false, false);
    }
}
