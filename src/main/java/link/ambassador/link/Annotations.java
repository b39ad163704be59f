package link.ambassador.link;

/** Annotations that this project sets on pods. The operator may change those under {@value #PREFIX} and nothing else. */
public final class Annotations {
    public static final String PREFIX = "ambassador.link/";

    /** The link table of a pod's sidecar, as JSON: the downward API makes it the file that the relay reads. */
    public static final String LINKS = PREFIX + "links";

    /** The revision a gateway's pod is to serve. Nobody reads it: the change makes the kubelet refresh the ConfigMap's file. */
    public static final String REVISION = PREFIX + "revision";

    /** How often a pod was nudged again for the same revision, so that each nudge is a change. */
    public static final String NUDGE = PREFIX + "nudge";

    private Annotations() {}
}
