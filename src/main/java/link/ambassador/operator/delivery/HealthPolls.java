package link.ambassador.operator.delivery;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * When to poll relays again whose links have health checks, because a relay fails over without an edit: every {@link #BETWEEN}, and less
 * often when many relays of a namespace check, so that its polls are {@value #MOST_A_SECOND} a second at most. Used on one context only.
 */
public final class HealthPolls {
    private static final int MOST_A_SECOND = 20;
    private static final Duration BETWEEN = Duration.ofSeconds(5);

    private final Map<String, Integer> relays = new HashMap<>();

    /** A relay of the namespace checks and is polled from now on. */
    void begin(String namespace) {
        relays.merge(namespace, 1, Integer::sum);
    }

    /** The end of what {@link #begin} began. */
    void end(String namespace) {
        relays.computeIfPresent(namespace, (name, count) -> count == 1 ? null : count - 1);
    }

    /** How long to wait before the next poll of a relay. */
    Duration before(String namespace) {
        Duration share = Duration.ofSeconds(relays.getOrDefault(namespace, 0)).dividedBy(MOST_A_SECOND);
        return share.compareTo(BETWEEN) < 0 ? BETWEEN : share;
    }
}
