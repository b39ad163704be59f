package link.ambassador.link;

/** Annotations on pods. The operator may change those under {@value #PREFIX} and nothing else. */
public final class Annotations {
    public static final String PREFIX = "ambassador.link/";

    /** The link table of a pod's sidecar, as JSON: the downward API makes it the file that the relay reads. */
    public static final String LINKS = PREFIX + "links";

    /** The revision a gateway's pod is to serve. Nobody reads it: the change makes the kubelet refresh the ConfigMap's file. */
    public static final String REVISION = PREFIX + "revision";

    /** How often a pod was nudged again for the same revision, so that each nudge is a change. */
    public static final String NUDGE = PREFIX + "nudge";

    /**
     * On a pod when it is created, by its author: more names, separated by commas, that its hosts file gives to loopback, for
     * links that arrive later.
     */
    public static final String ALIASES = PREFIX + "aliases";

    /**
     * Written by the webhook: the links, as {@code alias:port} separated by commas, whose names and variables the pod was
     * born with; empty text when there were none. A pod without it got no relay.
     */
    public static final String INJECTED = PREFIX + "injected";

    private Annotations() {}
}
