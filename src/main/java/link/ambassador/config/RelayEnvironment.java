package link.ambassador.config;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** The environment of a relay, as far as the relay and the writers of its pod must agree. */
public final class RelayEnvironment {
    /** The path of the file with the link table. */
    public static final String LINKS_FILE = "AMBASSADOR_LINKS_FILE";

    /** From SIGTERM to SIGKILL ({@link DurationSyntax}); the relay ends two seconds before. */
    public static final String GRACE_PERIOD = "AMBASSADOR_GRACE_PERIOD";

    /** Names that the relay looks up in DNS although the hosts file maps them to loopback, separated by commas. */
    public static final String ALIASES = "AMBASSADOR_ALIASES";

    /** The addresses that links listen on, separated by commas. */
    public static final String LISTEN_HOST = "AMBASSADOR_LISTEN_HOST";

    /** The port of probes, metrics and {@code /links}; no link may listen on it. */
    public static final String ADMIN_PORT = "AMBASSADOR_ADMIN_PORT";

    /** The path of the file that a relay writes once it has started; the image's {@code await-started} waits for it. */
    public static final String STARTED_FILE = "AMBASSADOR_STARTED_FILE";

    /**
     * The directory with a directory for each credential: in that of a certificate are {@code tls.crt} and {@code tls.key}, in others a file
     * for each key.
     */
    public static final String TLS_DIRECTORY = "AMBASSADOR_TLS_DIRECTORY";

    /** The directory if {@link #TLS_DIRECTORY} is not set. */
    public static final String DEFAULT_TLS_DIRECTORY = "/var/run/ambassador/tls";

    /** The name of the pod, which container runtimes set: by it a relay finds itself in a table that stages links for some pods. */
    public static final String HOSTNAME = "HOSTNAME";

    /** The address of the relay's pod; not set outside of Kubernetes. */
    public static final String POD_IP = "AMBASSADOR_POD_IP";

    /** The name of the relay's pod; not set outside of Kubernetes. */
    public static final String POD_NAME = "AMBASSADOR_POD_NAME";

    /** The namespace of the relay's pod; not set outside of Kubernetes. */
    public static final String POD_NAMESPACE = "AMBASSADOR_POD_NAMESPACE";

    /** What each of these variables is of the pod, as the downward API names it, in the order of their names. */
    public static final Map<String, String> POD_FIELDS = Collections.unmodifiableMap(new TreeMap<>(
            Map.of(POD_IP, "status.podIP", POD_NAME, "metadata.name", POD_NAMESPACE, "metadata.namespace")));

    /** The name of the sidecar's container. */
    public static final String SIDECAR_CONTAINER = "ambassador-relay";

    /** The admin port if {@link #ADMIN_PORT} is not set, and the admin port of every sidecar. */
    public static final int DEFAULT_ADMIN_PORT = 15990;

    private RelayEnvironment() {}
}
