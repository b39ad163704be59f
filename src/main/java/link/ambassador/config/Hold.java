package link.ambassador.config;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A hold of a link: its new connections wait, and are dialled when the hold ends.
 *
 * @param startedAt when it began, by the clock of the table's writer. It identifies the hold: another time is another
 *     hold
 * @param timeout how long it lasts at most, {@link #MIN_TIMEOUT} to {@link #MAX_TIMEOUT}
 * @param whenExpired what happens to held connections after the timeout
 * @param maxHeld how many connections may wait at once in one relay, at least 1. One more is reset
 * @param existingConnections what happens at the start of the hold to all connections that the link has
 * @param drainTimeout how long {@link ExistingConnections#DRAIN} waits until those are idle
 */
public record Hold(
        Instant startedAt,
        Duration timeout,
        WhenExpired whenExpired,
        int maxHeld,
        ExistingConnections existingConnections,
        Duration drainTimeout) {
    public static final Duration MIN_TIMEOUT = Duration.ofSeconds(1);
    public static final Duration MAX_TIMEOUT = Duration.ofMinutes(10);
    public static final WhenExpired DEFAULT_WHEN_EXPIRED = WhenExpired.RELEASE;
    public static final int DEFAULT_MAX_HELD = 1000;
    public static final ExistingConnections DEFAULT_EXISTING_CONNECTIONS = ExistingConnections.DRAIN;
    public static final Duration DEFAULT_DRAIN_TIMEOUT = Duration.ofSeconds(30);

    /** The valid timeouts, as the end of a sentence. */
    static final String TIMEOUT_WANTED = "a duration from 1s to 10m, such as 60s";

    /** The valid times, as the end of a sentence. */
    static final String STARTED_AT_WANTED = "a time in UTC such as 2026-11-30T15:20:00Z";

    static final String STARTED_AT_PATTERN = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?Z$";
    private static final Pattern STARTED_AT = Pattern.compile(STARTED_AT_PATTERN);

    /** @throws IllegalArgumentException with a sentence that says what would be right */
    public Hold {
        if (!STARTED_AT.matcher(startedAt.toString()).matches()) {
            throw new IllegalArgumentException("A hold began at " + startedAt + ": it must be " + STARTED_AT_WANTED);
        }
        if (timeout.compareTo(MIN_TIMEOUT) < 0 || timeout.compareTo(MAX_TIMEOUT) > 0) {
            throw new IllegalArgumentException(
                    "The timeout of a hold is " + timeout + ": it must be " + TIMEOUT_WANTED);
        }
        DurationSyntax.require(timeout, "The timeout of a hold");
        if (maxHeld < 1) {
            throw new IllegalArgumentException("maxHeld is " + maxHeld + ": it must be at least 1");
        }
        DurationSyntax.require(drainTimeout, "The drainTimeout of a hold");
    }

    /** A hold with the defaults for all that is not given. */
    public static Hold of(Instant startedAt, Duration timeout) {
        return new Hold(
                startedAt,
                timeout,
                DEFAULT_WHEN_EXPIRED,
                DEFAULT_MAX_HELD,
                DEFAULT_EXISTING_CONNECTIONS,
                DEFAULT_DRAIN_TIMEOUT);
    }

    /** When it ends at the latest, by the clock of the table's writer. */
    public Instant until() {
        return startedAt.plus(timeout);
    }

    // Written by hand: see Link.
    @Override
    public boolean equals(Object other) {
        return other instanceof Hold hold
                && startedAt.equals(hold.startedAt)
                && timeout.equals(hold.timeout)
                && whenExpired == hold.whenExpired
                && maxHeld == hold.maxHeld
                && existingConnections == hold.existingConnections
                && drainTimeout.equals(hold.drainTimeout);
    }

    @Override
    public int hashCode() {
        return startedAt.hashCode();
    }

    /** Parses a time in UTC; empty if it has another form. */
    public static Optional<Instant> parseTime(String text) {
        try {
            return STARTED_AT.matcher(text).matches() ? Optional.of(Instant.parse(text)) : Optional.empty();
        } catch (DateTimeException noSuchDay) {
            return Optional.empty();
        }
    }
}
