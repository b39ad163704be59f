package link.ambassador.operator;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * How long an Ambassador that could not be reconciled waits before the next try: each time twice as long. Lost with the process.
 * Callable from any thread.
 */
final class Attempts {
    private static final Duration FIRST = Duration.ofMillis(500);
    private static final int DOUBLINGS = 6;

    private final Map<String, Integer> failedByUid = new ConcurrentHashMap<>();

    /** Counts a failure, and returns the wait: from half a second to half a minute. */
    Duration failed(String uid) {
        int failed = failedByUid.merge(uid, 1, Integer::sum);
        return FIRST.multipliedBy(1L << Math.min(failed - 1, DOUBLINGS));
    }

    /** How many tries in a row failed. */
    int count(String uid) {
        return failedByUid.getOrDefault(uid, 0);
    }

    void succeeded(String uid) {
        failedByUid.remove(uid);
    }

    void retain(Predicate<String> exists) {
        failedByUid.keySet().removeIf(exists.negate());
    }
}
