package link.ambassador.webhook.serving;

/** The body is not a review of a pod; the message says why. */
final class BadReview extends Exception {
    private static final long serialVersionUID = 1L;

    BadReview(String message) {
        super(message);
    }

    BadReview(String message, Throwable cause) {
        super(message, cause);
    }
}
