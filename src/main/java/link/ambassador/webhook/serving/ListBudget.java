package link.ambassador.webhook.serving;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Bounds how often the API server is asked for Ambassadors. Its store answers these requests, not a cache, and anyone who creates a pod
 * can cause one. Each namespace has a share of its own, so that a namespace that creates pods without end takes nothing from others.
 * Callable from any thread.
 */
final class ListBudget {
    private static final int MOST_IN_FLIGHT = 16;
    private static final int MOST_AT_ONCE = 200;
    private static final double PER_SECOND = 100;
    private static final int MOST_AT_ONCE_OF_A_NAMESPACE = 100;
    private static final double PER_SECOND_OF_A_NAMESPACE = 20;

    /** How many namespaces are remembered: the latest ones. */
    private static final int MOST_NAMESPACES = 1000;

    private final LongSupplier clock;
    private final TokenBucket all;
    private final Map<String, TokenBucket> namespaces = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, TokenBucket> eldest) {
            return size() > MOST_NAMESPACES;
        }
    };
    private int inFlight;

    /** @param clock {@link System#nanoTime} */
    ListBudget(LongSupplier clock) {
        this.clock = clock;
        this.all = new TokenBucket(MOST_AT_ONCE, PER_SECOND, clock.getAsLong());
    }

    /** Whether one more request may begin now; {@link #ended} must follow then. */
    synchronized boolean begins(String namespace) {
        long now = clock.getAsLong();
        if (inFlight >= MOST_IN_FLIGHT
                || !namespaces
                        .computeIfAbsent(
                                namespace,
                                name -> new TokenBucket(MOST_AT_ONCE_OF_A_NAMESPACE, PER_SECOND_OF_A_NAMESPACE, now))
                        .take(now)
                || !all.take(now)) {
            return false;
        }
        inFlight++;
        return true;
    }

    synchronized void ended() {
        inFlight--;
    }
}
