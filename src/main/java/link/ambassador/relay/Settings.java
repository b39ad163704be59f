package link.ambassador.relay;

import io.netty.util.internal.PlatformDependent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import link.ambassador.config.BadSettingException;
import link.ambassador.config.Environment;
import link.ambassador.config.RelayEnvironment;
import link.ambassador.relay.join.SpliceMode;
import link.ambassador.relay.proxy.ListenAddresses;

/**
 * What the environment says to a relay besides its links.
 *
 * @param linksFile where the link table is; empty when the links are variables of the environment
 * @param startedFile what to write once the relay has started
 * @param aliases names that the pod's hosts file gives to this relay itself, and that are looked up in DNS
 * @param shutdownDelay how long connections are still accepted after SIGTERM
 * @param gracePeriod from SIGTERM to SIGKILL; the relay is gone two seconds before
 * @param byteBudget how much all stuck peers together may hold
 */
public record Settings(
        ListenAddresses listen,
        ListenAddresses admin,
        int adminPort,
        Optional<Path> linksFile,
        Optional<Path> startedFile,
        Set<String> aliases,
        Transport transport,
        SpliceMode splice,
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
    static final String ADMIN_PORT = RelayEnvironment.ADMIN_PORT;
    static final String LINKS_FILE = RelayEnvironment.LINKS_FILE;

    /**
     * Reads them from environment variables.
     *
     * @throws BadSettingException with the sentence for the first variable that makes no sense
     */
    public static Settings read(Map<String, String> environment, boolean kernelHasIpv6) {
        Environment reader = new Environment(environment);
        return new Settings(
                ListenAddresses.parse(ListenAddresses.VARIABLE, reader.text(ListenAddresses.VARIABLE), kernelHasIpv6),
                ListenAddresses.parse(ADMIN_HOST, reader.text(ADMIN_HOST), kernelHasIpv6),
                reader.port(ADMIN_PORT, RelayEnvironment.DEFAULT_ADMIN_PORT),
                path(reader.text(LINKS_FILE)),
                path(reader.text(RelayEnvironment.STARTED_FILE)),
                Set.copyOf(reader.list(RelayEnvironment.ALIASES)),
                reader.word("AMBASSADOR_TRANSPORT", Transport.AUTO, Transport.class),
                reader.word("AMBASSADOR_SPLICE", SpliceMode.AUTO, SpliceMode.class),
                reader.word("AMBASSADOR_LOG_LEVEL", Level.INFO, Level.class),
                reader.duration("AMBASSADOR_SHUTDOWN_DELAY", Duration.ZERO),
                reader.duration(RelayEnvironment.GRACE_PERIOD, Duration.ofSeconds(30)),
                reader.number(
                        "AMBASSADOR_BYTE_BUDGET",
                        PlatformDependent.maxDirectMemory() / 2,
                        1 << 20,
                        1L << 40,
                        "a number of bytes from 1048576 (1 MiB)"));
    }

    private static Optional<Path> path(String text) {
        return Optional.of(text).filter(path -> !path.isEmpty()).map(Path::of);
    }

    /** The ports that no link may listen on, each with what it is. */
    Map<Integer, String> reservedPorts() {
        return Map.of(adminPort, "the admin port (" + ADMIN_PORT + ")");
    }
}
