package link.ambassador.relay.dial;

/** No target could be connected, or the dial was cancelled. The message is a sentence about the last target tried. */
public final class DialException extends Exception {
    private final transient DialResult result;

    public DialException(DialResult result, String sentence) {
        // No stack trace: an ordinary outcome, which may come as often as connects do.
        super(sentence, null, false, false);
        this.result = result;
    }

    public DialResult result() {
        return result;
    }
}
