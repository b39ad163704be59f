package link.ambassador.config;

import java.time.Duration;
import java.util.Optional;

/**
 * A relay dials a target before connections go there.
 *
 * @param timeout how long the target may take to be resolved, connected, and, with TLS, to do the handshake
 * @param candidate what is dialled; empty: the first of the link's own targets when that is another one, and the link has its former
 *     targets until it answers
 */
public record Preflight(Duration timeout, Optional<Candidate> candidate) {
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(3);
    public static final Duration MAX_TIMEOUT = Duration.ofMinutes(1);

    /** The valid timeouts, as the end of a sentence. */
    static final String TIMEOUT_WANTED = "a duration of more than 0 and at most 1m, such as 3s";

    /** @throws IllegalArgumentException with a sentence that says what would be right */
    public Preflight {
        DurationSyntax.require(timeout, "The timeout of a preflight");
        if (timeout.compareTo(MAX_TIMEOUT) > 0) {
            throw new IllegalArgumentException(
                    "The timeout of a preflight is " + timeout + ": it must be " + TIMEOUT_WANTED);
        }
    }

    /** Before a link gets another first target. */
    public static Preflight ofOwnTargets(Duration timeout) {
        return new Preflight(timeout, Optional.empty());
    }

    // Written by hand: see Link.
    @Override
    public boolean equals(Object other) {
        return other instanceof Preflight that && timeout.equals(that.timeout) && candidate.equals(that.candidate);
    }

    @Override
    public int hashCode() {
        return timeout.hashCode();
    }
}
