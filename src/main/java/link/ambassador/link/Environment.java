package link.ambassador.link;

import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The variables that a process is told its settings by. One that is absent, empty or blank takes its default; each of
 * these methods throws a {@link BadSetting} for a value that makes no sense.
 */
public record Environment(Map<String, String> variables) {
    /** The value without surrounding white space; empty when there is none. */
    public String text(String variable) {
        return variables.getOrDefault(variable, "").strip();
    }

    /** What stands between commas and white space, in its order. */
    public Set<String> list(String variable) {
        return Arrays.stream(text(variable).split("[,\\s]+"))
                .filter(item -> !item.isEmpty())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    public long number(String variable, long byDefault, long least, long most, String wanted) {
        String value = text(variable);
        if (value.isEmpty()) {
            return byDefault;
        }
        try {
            long number = Long.parseLong(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Told below, as any other value that is out of range.
        }
        throw new BadSetting(variable, value, wanted);
    }

    public int port(String variable, int byDefault) {
        return (int) number(variable, byDefault, 1, 65535, "a port from 1 to 65535");
    }

    public Duration duration(String variable, Duration byDefault) {
        String value = text(variable);
        if (value.isEmpty()) {
            return byDefault;
        }
        if (value.equals("0") || value.equals("0s")) {
            return Duration.ZERO;
        }
        return DurationSyntax.parse(value)
                .orElseThrow(() -> new BadSetting(
                        variable,
                        value,
                        "a duration such as 500ms, 5s or 1m30s, up to " + DurationSyntax.MAX.toHours() + "h"));
    }

    public boolean flag(String variable, boolean byDefault) {
        String value = text(variable);
        return switch (value) {
            case "" -> byDefault;
            case "true" -> true;
            case "false" -> false;
            default -> throw new BadSetting(variable, value, "true or false");
        };
    }

    /** One of the enum's constants, written in lower case. */
    public <E extends Enum<E>> E word(String variable, E byDefault, Class<E> words) {
        String value = text(variable);
        if (value.isEmpty()) {
            return byDefault;
        }
        for (E word : words.getEnumConstants()) {
            if (word.name().toLowerCase(Locale.ROOT).equals(value)) {
                return word;
            }
        }
        throw new BadSetting(
                variable,
                value,
                Arrays.stream(words.getEnumConstants())
                        .map(word -> word.name().toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(", ", "one of ", "")));
    }
}
