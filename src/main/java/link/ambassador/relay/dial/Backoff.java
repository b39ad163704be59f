package link.ambassador.relay.dial;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How long a dial waits before it tries its targets again: 50 ms, then twice as long each time, up to 1 s. Each is
 * shortened at random by up to a half, so that the dials of many connections do not stay in step.
 */
final class Backoff {
    static final Duration FIRST = Duration.ofMillis(50);
    static final Duration MAX = Duration.ofSeconds(1);

    private long nanos = FIRST.toNanos();

    long nextNanos() {
        long next = nanos - ThreadLocalRandom.current().nextLong(nanos / 2);
        nanos = Math.min(2 * nanos, MAX.toNanos());
        return next;
    }
}
