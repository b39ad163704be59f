package link.ambassador.webhook.serving;

/** The API server does not wait for the answer any more. */
final class TooLate extends Exception {
    private static final long serialVersionUID = 1L;

    TooLate() {
        super("the review was not answered within the time that it says");
    }
}
