package link.ambassador.relay;

import io.netty.util.internal.PlatformDependent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import link.ambassador.link.DurationSyntax;

/**
 * What the environment says to a relay besides its links.
 *
 * @param linksFile where the link table is; empty when the links are variables of the environment
 * @param aliases names that the pod's hosts file gives to this relay itself, and that are looked up in DNS
 * @param shutdownDelay how long connections are still accepted after SIGTERM
 * @param gracePeriod from SIGTERM to SIGKILL; the relay is gone two seconds before
 * @param byteBudget how much all stuck peers together may hold
 */
record Settings(
        ListenAddresses listen,
        ListenAddresses admin,
        int adminPort,
        Optional<Path> linksFile,
        Set<String> aliases,
        Transport transport,
        Level logLevel,
        Duration shutdownDelay,
        Duration gracePeriod,
        long byteBudget) {

    enum Transport {
        AUTO,
        EPOLL,
        NIO
    }

    enum Level {
        DEBUG,
        INFO,
        WARN
    }

    static final String ADMIN_HOST = "AMBASSADOR_ADMIN_HOST";
    static final String ADMIN_PORT = "AMBASSADOR_ADMIN_PORT";
    static final String LINKS_FILE = "AMBASSADOR_LINKS_FILE";

    /** @throws BadSetting with the sentence for the first variable that makes no sense */
    static Settings read(Map<String, String> environment, boolean kernelHasIpv6) {
        Reader reader = new Reader(environment);
        return new Settings(
                ListenAddresses.parse(ListenAddresses.VARIABLE, reader.text(ListenAddresses.VARIABLE), kernelHasIpv6),
                ListenAddresses.parse(ADMIN_HOST, reader.text(ADMIN_HOST), kernelHasIpv6),
                (int) reader.number(ADMIN_PORT, 15990, 1, 65535, "a port from 1 to 65535"),
                Optional.of(reader.text(LINKS_FILE))
                        .filter(path -> !path.isEmpty())
                        .map(Path::of),
                Arrays.stream(reader.text("AMBASSADOR_ALIASES").split("[,\\s]+"))
                        .filter(alias -> !alias.isEmpty())
                        .collect(Collectors.toUnmodifiableSet()),
                reader.word("AMBASSADOR_TRANSPORT", Transport.AUTO, Transport.class),
                reader.word("AMBASSADOR_LOG_LEVEL", Level.INFO, Level.class),
                reader.duration("AMBASSADOR_SHUTDOWN_DELAY", Duration.ZERO),
                reader.duration("AMBASSADOR_GRACE_PERIOD", Duration.ofSeconds(30)),
                reader.number(
                        "AMBASSADOR_BYTE_BUDGET",
                        PlatformDependent.maxDirectMemory() / 2,
                        1 << 20,
                        1L << 40,
                        "a number of bytes from 1048576 (1 MiB)"));
    }

    /** The ports that no link may listen on, each with what it is. */
    Map<Integer, String> reservedPorts() {
        return Map.of(adminPort, "the admin port (" + ADMIN_PORT + ")");
    }

    private record Reader(Map<String, String> environment) {
        String text(String variable) {
            return environment.getOrDefault(variable, "").strip();
        }

        long number(String variable, long byDefault, long least, long most, String wanted) {
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

        Duration duration(String variable, Duration byDefault) {
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

        <E extends Enum<E>> E word(String variable, E byDefault, Class<E> words) {
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
}
