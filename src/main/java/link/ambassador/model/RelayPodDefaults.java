package link.ambassador.model;

/**
 * What a relay is in a cluster, whichever half puts it there: a container of a gateway's pod, or one more in a consumer's.
 * Written down once, so that the two do not drift apart.
 */
public final class RelayPodDefaults {
    /** The user of Dockerfile.jvm, and its group. */
    public static final int USER = 10001;

    public static final String SECCOMP_PROFILE = "RuntimeDefault";
    public static final String DROPPED_CAPABILITIES = "ALL";

    /** Where the relay finds its link table. */
    public static final String LINKS_DIRECTORY = "/etc/ambassador";

    /** The first port that needs no privilege anywhere. */
    public static final int FIRST_UNPRIVILEGED_PORT = 1024;

    /** The sysctl by which a relay without privileges listens on ports below 1024; it is "safe", so every pod may set it. */
    public static final String UNPRIVILEGED_PORT_START = "net.ipv4.ip_unprivileged_port_start";

    public static final int CPU_REQUEST_MILLICORES = 50;

    /** Where a namespace demands a limit. */
    public static final int CPU_LIMIT_MILLICORES = 500;

    /**
     * Memory in MiB. Measured in a cgroup of its own, JDK 25, with idle connections: none 45 MiB, 1,000 72 MiB, 4,000 126
     * MiB, 8,000 167 MiB; a limit of 128 MiB was the end at 3,900. There is no CPU limit: throttling would be latency for
     * everybody who goes through the relay.
     */
    public static final int MEMORY_REQUEST_MEBIBYTES = 96;

    public static final int MEMORY_LIMIT_MEBIBYTES = 192;

    /** An idle relay has 45 MiB: with less than this it would be killed before it listens. */
    public static final int LEAST_MEMORY_LIMIT_MEBIBYTES = 64;

    /** The volume of a consumer's pod that has its link table. */
    public static final String SIDECAR_LINKS_VOLUME = "ambassador-links";

    private RelayPodDefaults() {}
}
