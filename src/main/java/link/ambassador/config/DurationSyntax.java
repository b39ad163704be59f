package link.ambassador.config;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as the resource and the link table write them: {@code 500ms}, {@code 30s}, {@code 1h30m}.
 *
 * <p>A part of what Go and Kubernetes read: whole numbers with the units ms, s, m and h, in any order, added up; more than
 * zero, at most 24 hours. No signs and no fractions: {@code 1.5h} is {@code 1h30m}.
 */
public final class DurationSyntax {
    /** The longest duration there is. */
    public static final Duration MAX = Duration.ofHours(24);

    /** What would be right, as the end of a sentence. */
    public static final String WANTED =
            "a duration such as 500ms, 30s or 1h30m (units ms, s, m, h; no fractions), more than 0, at most 24h";

    /** The form, as a regular expression that JSON Schema and the resource's schema share. */
    public static final String PATTERN = "^([0-9]+(ms|s|m|h))+$";

    private static final Pattern PART = Pattern.compile("([0-9]+)(ms|s|m|h)");
    private static final int LONGEST_TEXT = 64;
    private static final int MOST_DIGITS = 12;

    private DurationSyntax() {}

    /** The duration that {@code text} says; empty when it is not of this form, zero, or more than {@link #MAX}. */
    public static Optional<Duration> parse(String text) {
        if (text.isEmpty() || text.length() > LONGEST_TEXT) {
            return Optional.empty();
        }
        Matcher part = PART.matcher(text);
        long millis = 0;
        int end = 0;
        while (end < text.length()) {
            // Twelve digits of hours cannot overflow a long, however many parts fit.
            if (!part.find(end) || part.start() != end || part.end(1) - end > MOST_DIGITS) {
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
     * The one way this project writes a duration: largest units first, none of them zero. {@link #parse} reads it back.
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
