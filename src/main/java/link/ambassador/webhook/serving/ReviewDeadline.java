package link.ambassador.webhook.serving;

import java.time.Duration;
import java.util.Optional;
import link.ambassador.config.DurationSyntax;

/** Until when an answer is waited for: the API server says it of each question, as {@code ?timeout=1s}. */
record ReviewDeadline(long nanos) {
    /** The longest that kubernetes/install has. */
    private static final Duration MOST = Duration.ofSeconds(10);

    /** @param timeout what the question says; null when it says nothing */
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
}
