package link.ambassador.config;

/** How the environment of a relay is spelled, where both the relay and who makes its pod must say the same. */
public final class RelayEnvironment {
    /** The path of the file with the link table. */
    public static final String LINKS_FILE = "AMBASSADOR_LINKS_FILE";

    /** From SIGTERM to SIGKILL ({@link DurationSyntax}); the relay is gone two seconds before. */
    public static final String GRACE_PERIOD = "AMBASSADOR_GRACE_PERIOD";

    /** Names that are looked up in DNS although the hosts file gives them to loopback, separated by commas. */
    public static final String ALIASES = "AMBASSADOR_ALIASES";

    /** The addresses that links listen on, separated by commas. */
    public static final String LISTEN_HOST = "AMBASSADOR_LISTEN_HOST";

    /** The port of probes, metrics and {@code /links}; no link may listen on it. */
    public static final String ADMIN_PORT = "AMBASSADOR_ADMIN_PORT";

    /** The path of the file that a relay writes once it has started; the image's {@code await-started} waits for it. */
    public static final String STARTED_FILE = "AMBASSADOR_STARTED_FILE";

    /** The name of the container that is a pod's sidecar. */
    public static final String SIDECAR_CONTAINER = "ambassador-relay";

    /** The admin port when {@link #ADMIN_PORT} says no other, and that of every sidecar. */
    public static final int DEFAULT_ADMIN_PORT = 15990;

    private RelayEnvironment() {}
}
