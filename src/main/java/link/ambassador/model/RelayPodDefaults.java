package link.ambassador.model;

import java.util.List;

/** The parts of a relay's container that are the same in a gateway's pod and in a consumer's pod, so that the two do not drift apart. */
public final class RelayPodDefaults {
    /** The user and the group in Dockerfile.jvm. */
    public static final int USER = 10001;

    public static final String SECCOMP_PROFILE = "RuntimeDefault";
    public static final String DROPPED_CAPABILITIES = "ALL";

    /** The directory of the relay's link table. */
    public static final String LINKS_DIRECTORY = "/etc/ambassador";

    /** The first port that needs no privilege anywhere. */
    public static final int FIRST_UNPRIVILEGED_PORT = 1024;

    /** The sysctl that lets a relay without privileges listen on ports below 1024; it is "safe", so every pod may set it. */
    public static final String UNPRIVILEGED_PORT_START = "net.ipv4.ip_unprivileged_port_start";

    public static final int CPU_REQUEST_MILLICORES = 50;

    /** Where a namespace demands a limit. */
    public static final int CPU_LIMIT_MILLICORES = 500;

    /**
     * Memory in MiB. Measured in a cgroup of its own, with JDK 25 and idle connections: 45 MiB without connections, 72 MiB with
     * 1,000, 126 MiB with 4,000, 167 MiB with 8,000. With a limit of 128 MiB the relay was killed at 3,900 connections. There is no
     * CPU limit, because throttling would delay every connection through the relay.
     */
    public static final int MEMORY_REQUEST_MEBIBYTES = 96;

    public static final int MEMORY_LIMIT_MEBIBYTES = 192;

    /** An idle relay uses 45 MiB. With a lower limit it would be killed before it listens. */
    public static final int LEAST_MEMORY_LIMIT_MEBIBYTES = 64;

    /** The volume of a consumer's pod that holds its link table. */
    public static final String SIDECAR_LINKS_VOLUME = "ambassador-links";

    /** The volume with the keys of the Secret {@code name} is {@code ambassador-tls-<name>}. */
    public static final String CREDENTIAL_VOLUME_PREFIX = "ambassador-tls-";

    /** The files of a certificate, which are keys of a Secret of type kubernetes.io/tls. */
    public static final List<String> CREDENTIAL_FILES = List.of("tls.crt", "tls.key");

    /**
     * The mode of these files: 0444, because the image's user is not in their group, and nothing can change that in somebody else's pod. The
     * volume is in memory, and mounted into the relay's container alone.
     */
    public static final int CREDENTIAL_MODE = 0444;

    /** How many credentials a pod can have. */
    public static final int MOST_CREDENTIALS = 16;

    private RelayPodDefaults() {}
}
