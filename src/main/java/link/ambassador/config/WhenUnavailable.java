package link.ambassador.config;

import java.time.Duration;
import java.util.Optional;

/**
 * What happens to a new connection when every target of its link has failed.
 *
 * @param holdTimeout how long the connection waits then, and is dialled again meanwhile, at most {@link
 *     #MAX_HOLD_TIMEOUT}; empty: it is reset at once
 */
public record WhenUnavailable(Optional<Duration> holdTimeout) {
    public static final Duration MAX_HOLD_TIMEOUT = Duration.ofMinutes(10);

    /** The default: the connection is reset at once. */
    public static final WhenUnavailable REFUSE = new WhenUnavailable(Optional.empty());

    /** The words of {@code action} in the resource and in a link table's JSON. */
    static final String REFUSE_WORD = "Refuse";

    static final String HOLD_WORD = "Hold";

    /** The valid timeouts, as the end of a sentence. */
    static final String TIMEOUT_WANTED = "a duration of more than 0 and at most 10m, such as 15s";

    /** @throws IllegalArgumentException with a sentence that says what would be right */
    public WhenUnavailable {
        holdTimeout.ifPresent(timeout -> {
            DurationSyntax.require(timeout, "The timeout of whenUnavailable");
            if (timeout.compareTo(MAX_HOLD_TIMEOUT) > 0) {
                throw new IllegalArgumentException(
                        "The timeout of whenUnavailable is " + timeout + ": it must be " + TIMEOUT_WANTED);
            }
        });
    }

    /** The connection waits that long. */
    public static WhenUnavailable hold(Duration timeout) {
        return new WhenUnavailable(Optional.of(timeout));
    }

    // Written by hand: see Link.
    @Override
    public boolean equals(Object other) {
        return other instanceof WhenUnavailable that && holdTimeout.equals(that.holdTimeout);
    }

    @Override
    public int hashCode() {
        return holdTimeout.hashCode();
    }

    static boolean isAction(String word) {
        return word.equals(REFUSE_WORD) || word.equals(HOLD_WORD);
    }
}
