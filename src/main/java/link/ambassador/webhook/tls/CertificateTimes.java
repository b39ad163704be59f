package link.ambassador.webhook.tls;

import java.time.Duration;

/**
 * How long certificates live. Each is replaced when two thirds of its life are over.
 *
 * @param authority a certificate authority's life
 * @param leaf a leaf's life; shorter than a third of the authority's, so that none outlives the time it is renewed in
 * @param backdated by how much each begins earlier than it was made, for clocks that are behind
 * @param propagation how long a new authority is in the API server's configuration before a leaf of it is served: as long as
 *     every API server of the cluster may take to learn of it
 * @param lookAgain how often it is looked whether something is due, besides when something changed
 */
public record CertificateTimes(
        Duration authority, Duration leaf, Duration backdated, Duration propagation, Duration lookAgain) {
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
