package link.ambassador.config;

/** Annotations on pods. The operator may change those under {@value #PREFIX} and nothing else. */
public final class Annotations {
    public static final String PREFIX = "ambassador.link/";

    /** The link table of a pod's sidecar, as JSON: the downward API makes it the file that the relay reads. */
    public static final String LINKS = PREFIX + "links";

    /**
     * The revision that a gateway's pod should serve. No program reads it: its change makes the kubelet refresh the
     * ConfigMap's file.
     */
    public static final String REVISION = PREFIX + "revision";

    /**
     * How often the operator asked the kubelet to refresh the volumes of a pod again for the same revision, so that
     * each request is a change.
     */
    public static final String REFRESH = PREFIX + "refresh";

    /**
     * On a pod when it is created, by its author: more names, separated by commas, that its hosts file gives to
     * loopback, for links that arrive later.
     */
    public static final String ALIASES = PREFIX + "aliases";

    /**
     * Written by the webhook: the links, as {@code alias:port} separated by commas, whose names and variables the pod
     * was injected with; empty text if there were none. A pod without this annotation got no relay.
     */
    public static final String INJECTED = PREFIX + "injected";

    /**
     * Written by the webhook: why the pod has a relay, or why it has none although it should; a word, as in the
     * operator's log, metrics and Events. A pod without this annotation was not changed, or did not reach the webhook.
     */
    public static final String INJECTION_REASON = PREFIX + "injection-reason";

    /**
     * Written by the webhook, and by the operator on a gateway's pods: the {@linkplain Feature features} of the pod's relay, separated by
     * commas. A relay of a pod without this annotation has none.
     */
    public static final String RELAY_FEATURES = PREFIX + "relay-features";

    /**
     * The credentials that the pod's relay can read, separated by commas: names of Secrets with certificates, or of volumes without their
     * prefix, and {@code name/key} for one key of a Secret. The
     * operator writes it on a gateway's pods. On a consumer's pod its author may name some for links that arrive later, and the
     * webhook adds those of the pod's links.
     */
    public static final String CREDENTIALS = PREFIX + "credentials";

    /** On a pod when it is created, by its author: {@code "true"} asks for the variable {@code <ALIAS>_PORT} too. */
    public static final String ALIAS_PORT = PREFIX + "alias-port";

    /** On a pod when it is created, by its author: the CPU that its relay requests, as a Kubernetes quantity. */
    public static final String CPU_REQUEST = PREFIX + "cpu-request";

    /** The CPU that its relay may use at most; as {@link #CPU_REQUEST}. */
    public static final String CPU_LIMIT = PREFIX + "cpu-limit";

    /** The memory that its relay requests; as {@link #CPU_REQUEST}. */
    public static final String MEMORY_REQUEST = PREFIX + "memory-request";

    /** The memory that its relay may use at most; as {@link #CPU_REQUEST}. */
    public static final String MEMORY_LIMIT = PREFIX + "memory-limit";

    /** On an Ambassador, by a user: another value lets a staged retarget that was rolled back or paused begin again. */
    public static final String RETRY = PREFIX + "retry";

    private Annotations() {}
}
