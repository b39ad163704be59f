package link.ambassador.operator.delivery;

import java.time.Duration;

/**
 * When to poll relays again whose links have health checks, because a relay fails over without an edit: every {@link #BETWEEN}, and less
 * often when many relays of a namespace check, so that its polls are {@value #MOST_A_SECOND} a second at most. Used on one context only.
 */
public final class HealthPolls extends NamespacePolls {
    private static final int MOST_A_SECOND = 20;
    private static final Duration BETWEEN = Duration.ofSeconds(5);

    public HealthPolls() {
        super(MOST_A_SECOND);
    }

    /** How long to wait before the next poll of a relay. */
    Duration before(String namespace) {
        return shared(namespace, BETWEEN);
    }
}
