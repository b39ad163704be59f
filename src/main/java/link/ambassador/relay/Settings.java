package link.ambassador.relay;

import io.netty.util.NetUtil;
import io.netty.util.internal.PlatformDependent;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import link.ambassador.config.BadSettingException;
import link.ambassador.config.Environment;
import link.ambassador.config.RelayEnvironment;
import link.ambassador.config.TlsVersion;
import link.ambassador.config.Word;
import link.ambassador.relay.dns.Ipv6;
import link.ambassador.relay.join.SpliceMode;
import link.ambassador.relay.proxy.ListenAddresses;
import link.ambassador.relay.proxyprotocol.Pod;

/**
 * The settings of a relay, from its environment.
 *
 * @param listen the addresses that links listen on
 * @param linksFile where the link table is; empty when the links are variables of the environment
 * @param startedFile the file to write once the relay has started
 * @param podName the pod that it runs in; empty outside of one
 * @param pod that the relay runs in, for the targets of links
 * @param aliases names that the pod's hosts file maps to this relay itself, so that they are looked up in DNS
 * @param byteBudget how many bytes all stuck peers together may hold
 */
public record Settings(
        ListenAddresses listen,
        Admin admin,
        Optional<Path> linksFile,
        Optional<Path> startedFile,
        Tls tls,
        Optional<String> podName,
        Pod pod,
        Set<String> aliases,
        Transport transport,
        SpliceMode splice,
        Level logLevel,
        Shutdown shutdown,
        long byteBudget) {

    /** Where the admin port listens. */
    public record Admin(ListenAddresses addresses, int port) {}

    /**
     * What all links with TLS share.
     *
     * @param directory where the certificates are that links show, each in a directory of its name, and the credentials of health checks
     * @param maxVersion the newest version that the relay speaks
     */
    record Tls(Path directory, TlsVersion maxVersion) {}

    /**
     * How the relay shuts down.
     *
     * @param delay how long it still accepts connections after SIGTERM
     * @param gracePeriod from SIGTERM to SIGKILL; the relay ends two seconds before
     */
    record Shutdown(Duration delay, Duration gracePeriod) {}

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
    static final String TLS_MAX_VERSION = "AMBASSADOR_TLS_MAX_VERSION";
    static final String LINKS_FILE = RelayEnvironment.LINKS_FILE;

    /**
     * Reads them from environment variables.
     *
     * @throws BadSettingException for the first variable that is invalid
     */
    public static Settings read(Map<String, String> environment) {
        Environment reader = new Environment(environment);
        return new Settings(
                addresses(reader, RelayEnvironment.LISTEN_HOST),
                new Admin(addresses(reader, ADMIN_HOST), reader.port(ADMIN_PORT, RelayEnvironment.DEFAULT_ADMIN_PORT)),
                path(reader.text(LINKS_FILE)),
                path(reader.text(RelayEnvironment.STARTED_FILE)),
                new Tls(
                        path(reader.text(RelayEnvironment.TLS_DIRECTORY))
                                .orElse(Path.of(RelayEnvironment.DEFAULT_TLS_DIRECTORY)),
                        tlsVersion(reader.text(TLS_MAX_VERSION))),
                Optional.of(reader.text(RelayEnvironment.HOSTNAME)).filter(name -> !name.isEmpty()),
                pod(reader),
                Set.copyOf(reader.list(RelayEnvironment.ALIASES)),
                reader.word("AMBASSADOR_TRANSPORT", Transport.AUTO, Transport.class),
                reader.word("AMBASSADOR_SPLICE", SpliceMode.AUTO, SpliceMode.class),
                reader.word("AMBASSADOR_LOG_LEVEL", Level.INFO, Level.class),
                new Shutdown(
                        reader.duration("AMBASSADOR_SHUTDOWN_DELAY", Duration.ZERO),
                        reader.duration(RelayEnvironment.GRACE_PERIOD, Duration.ofSeconds(30))),
                reader.number(
                        "AMBASSADOR_BYTE_BUDGET",
                        PlatformDependent.maxDirectMemory() / 2,
                        1 << 20,
                        1L << 40,
                        "a number of bytes from 1048576 (1 MiB)"));
    }

    private static ListenAddresses addresses(Environment reader, String variable) {
        return ListenAddresses.parse(variable, reader.text(variable), Ipv6.isAvailable());
    }

    private static TlsVersion tlsVersion(String word) {
        return word.isEmpty()
                ? TlsVersion.TLS_1_3
                : Word.parse(TlsVersion.class, word)
                        .orElseThrow(
                                () -> new BadSettingException(TLS_MAX_VERSION, word, Word.anyOf(TlsVersion.class)));
    }

    private static Pod pod(Environment reader) {
        String address = reader.text(RelayEnvironment.POD_IP);
        InetAddress parsed = NetUtil.createInetAddressFromIpAddressString(address);
        if (!address.isEmpty() && parsed == null) {
            throw new BadSettingException(RelayEnvironment.POD_IP, address, "an IP address");
        }
        String namespace = reader.text(RelayEnvironment.POD_NAMESPACE);
        String name = reader.text(RelayEnvironment.POD_NAME);
        return new Pod(
                Optional.ofNullable(parsed),
                namespace.isEmpty() || name.isEmpty() ? Optional.empty() : Optional.of(namespace + "/" + name));
    }

    private static Optional<Path> path(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(Path.of(text));
    }

    /** The ports that no link may listen on, each with what it is. */
    Map<Integer, String> reservedPorts() {
        return Map.of(admin.port(), "the admin port (" + ADMIN_PORT + ")");
    }
}
