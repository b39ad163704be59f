package link.ambassador.webhook.tls;

import java.time.Duration;

/**
 * How long certificates live. Each is replaced after two thirds of its life.
 *
 * @param authority the life of a certificate authority
 * @param leaf the life of a leaf; at most a third of the authority's, so that no leaf outlives its authority's renewal
 * @param backdated how long before its creation a certificate becomes valid, for clocks that are late
 * @param propagation how long a new authority is in the API server's configuration before a leaf of it is served: as long as every API
 *     server of the cluster may take to load the configuration
 * @param checkEvery how often to check whether something is due, apart from changes
 */
public record CertificateTimes(
        Duration authority, Duration leaf, Duration backdated, Duration propagation, Duration checkEvery) {
    public static final CertificateTimes DEFAULT = new CertificateTimes(
            Duration.ofDays(365),
            Duration.ofDays(30),
            Duration.ofHours(1),
            Duration.ofMinutes(2),
            Duration.ofMinutes(1));

    public CertificateTimes {
        if (leaf.multipliedBy(3).compareTo(authority) > 0) {
            throw new IllegalArgumentException(
                    "a leaf's life is " + leaf + ": it must be at most a third of the authority's, " + authority);
        }
    }
}
