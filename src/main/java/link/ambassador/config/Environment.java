package link.ambassador.config;

import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reads settings from environment variables. A variable that is missing, empty or blank has its default. So has one
 * that the kubelet or Docker made for a Service or a container whose name is the beginning of a setting's name. Each
 * method throws a {@link BadSettingException} for an invalid value.
 */
public record Environment(Map<String, String> variables) {
    private static final String PORT = "_PORT";
    private static final Pattern ADDRESS = Pattern.compile("([a-z]+)://.*:([0-9]+)", Pattern.DOTALL);

    /** The value without surrounding white space; empty if there is none. */
    public String text(String variable) {
        String value = variables.getOrDefault(variable, "");
        return isMadeByKubeletOrDocker(variable, value) ? "" : value.strip();
    }

    /**
     * Whether it is {@code <ALIAS>_PORT=<protocol>://<host>:<port>} of a Service or of a linked container
     * (https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables). Of the variables that
     * these make, only this one can have the name of a setting. It comes together with other variables; a setting does
     * not.
     */
    private boolean isMadeByKubeletOrDocker(String variable, String value) {
        Matcher address = ADDRESS.matcher(value);
        if (!variable.endsWith(PORT) || !address.matches()) {
            return false;
        }
        String alias = variable.substring(0, variable.length() - PORT.length());
        String companion =
                variable + "_" + address.group(2) + "_" + address.group(1).toUpperCase(Locale.ROOT);
        return LinkVariables.isOfService(alias, value, variables) || value.equals(variables.get(companion));
    }

    /** A list separated by commas or white space, in its order. */
    public Set<String> list(String variable) {
        return Arrays.stream(text(variable).split("[,\\s]+"))
                .filter(item -> !item.isEmpty())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    public long number(String variable, long byDefault, long min, long max, String wanted) {
        String value = text(variable);
        if (value.isEmpty()) {
            return byDefault;
        }
        try {
            long number = Long.parseLong(value);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Rejected below, like a number out of range.
        }
        throw new BadSettingException(variable, value, wanted);
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
                .orElseThrow(() -> new BadSettingException(
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
            default -> throw new BadSettingException(variable, value, "true or false");
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
        throw new BadSettingException(
                variable,
                value,
                Arrays.stream(words.getEnumConstants())
                        .map(word -> word.name().toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(", ", "one of ", "")));
    }
}
