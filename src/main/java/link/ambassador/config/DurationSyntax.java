package link.ambassador.config;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as the resource and the link table write them: {@code 500ms}, {@code 30s}, {@code 1h30m}.
 *
 * <p>A subset of the durations of Go and Kubernetes: whole numbers with the units ms, s, m and h, in any order, which
 * are added up. The sum is more than zero, and at most 24 hours. There are no signs and no fractions: write {@code
 * 1h30m}, not {@code 1.5h}.
 */
public final class DurationSyntax {
    /** The longest duration. */
    public static final Duration MAX = Duration.ofHours(24);

    /** What would be right, as the end of a sentence. */
    public static final String WANTED =
            "a duration such as 500ms, 30s or 1h30m (units ms, s, m, h; no fractions), more than 0, at most 24h";

    /** A regular expression for the form; JSON Schema and the resource's schema use it too. */
    public static final String PATTERN = "^([0-9]+(ms|s|m|h))+$";

    private static final Pattern PART = Pattern.compile("([0-9]+)(ms|s|m|h)");
    private static final int MAX_LENGTH = 64;
    private static final int MAX_DIGITS = 12;

    private DurationSyntax() {}

    /** Parses a duration; empty if it has another form, is zero, or is more than {@link #MAX}. */
    public static Optional<Duration> parse(String text) {
        if (text.isEmpty() || text.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        Matcher part = PART.matcher(text);
        long millis = 0;
        int end = 0;
        while (end < text.length()) {
            // Twelve digits of hours cannot overflow a long, however many parts fit.
            if (!part.find(end) || part.start() != end || part.end(1) - end > MAX_DIGITS) {
                return Optional.empty();
            }
            millis += Long.parseLong(part.group(1)) * millisPer(part.group(2));
            if (millis > MAX.toMillis()) {
                return Optional.empty();
            }
            end = part.end();
        }
        return millis > 0 ? Optional.of(Duration.ofMillis(millis)) : Optional.empty();
    }

    /**
     * Formats a duration in the one way of this project: largest unit first, without units that are zero. {@link
     * #parse} reads it back.
     *
     * @throws IllegalArgumentException when it cannot be written: zero, negative, above {@link #MAX} or finer than 1 ms
     */
    public static String format(Duration duration) {
        require(duration, "A duration");
        StringBuilder text = new StringBuilder();
        append(text, duration.toHours(), "h");
        append(text, duration.toMinutesPart(), "m");
        append(text, duration.toSecondsPart(), "s");
        append(text, duration.toMillisPart(), "ms");
        return text.toString();
    }

    /** @throws IllegalArgumentException unless {@link #format} can write {@code duration} */
    static void require(Duration duration, String what) {
        if (duration.isNegative() || duration.isZero() || duration.compareTo(MAX) > 0) {
            throw new IllegalArgumentException(what + " is " + duration + ": it must be more than 0 and at most 24h");
        }
        if (duration.toNanosPart() % 1_000_000 != 0) {
            throw new IllegalArgumentException(what + " is " + duration + ": it must be whole milliseconds");
        }
    }

    private static void append(StringBuilder text, long number, String unit) {
        if (number > 0) {
            text.append(number).append(unit);
        }
    }

    private static long millisPer(String unit) {
        return switch (unit) {
            case "ms" -> 1;
            case "s" -> 1_000;
            case "m" -> 60_000;
            default -> 3_600_000;
        };
    }
}
