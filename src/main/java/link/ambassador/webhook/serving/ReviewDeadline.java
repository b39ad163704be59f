package link.ambassador.webhook.serving;

import java.time.Duration;
import java.util.Optional;
import link.ambassador.config.DurationSyntax;

/** How long the API server waits for an answer; each of its requests says so, as {@code ?timeout=1s}. */
record ReviewDeadline(long nanos) {
    /** The longest timeout in kubernetes/install. */
    private static final Duration MOST = Duration.ofSeconds(10);

    /** @param timeout of the request; null when it has none */
    static Duration within(String timeout) {
        return Optional.ofNullable(timeout)
                .flatMap(DurationSyntax::parse)
                .filter(said -> said.compareTo(MOST) < 0)
                .orElse(MOST);
    }

    static ReviewDeadline in(Duration time) {
        return new ReviewDeadline(System.nanoTime() + time.toNanos());
    }

    boolean isOver() {
        return nanos - System.nanoTime() <= 0;
    }

    /** The API server does not wait for the answer any more. */
    static final class TooLate extends Exception {
        private static final long serialVersionUID = 1L;

        TooLate() {
            super("the review was not answered within the time that it says");
        }
    }
}
