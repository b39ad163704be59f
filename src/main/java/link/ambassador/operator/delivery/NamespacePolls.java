package link.ambassador.operator.delivery;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Counts the relays of each namespace that are polled again for one reason, so that their polls share a rate. Used on one context only. */
abstract sealed class NamespacePolls permits HoldPolls, HealthPolls {
    private final int mostASecond;
    private final Map<String, Integer> relays = new HashMap<>();

    /** @param mostASecond how many polls a second those of one namespace share */
    NamespacePolls(int mostASecond) {
        this.mostASecond = mostASecond;
    }

    /** A relay of the namespace is polled from now on. */
    void begin(String namespace) {
        relays.merge(namespace, 1, Integer::sum);
    }

    /** The end of what {@link #begin} began. */
    void end(String namespace) {
        relays.computeIfPresent(namespace, (name, count) -> count == 1 ? null : count - 1);
    }

    /** {@code wanted}, or longer when the rate is used up. */
    Duration shared(String namespace, Duration wanted) {
        Duration share = Duration.ofSeconds(relays.getOrDefault(namespace, 0)).dividedBy(mostASecond);
        return share.compareTo(wanted) < 0 ? wanted : share;
    }
}
