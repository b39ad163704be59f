package link.ambassador.relay.dial;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How long to wait before each further try: twice as long each time, up to a limit. Each wait is shortened at random by up to a half,
 * so that those who began together do not stay in step.
 */
public final class Backoff {
    private final long maxNanos;
    private long nanos;

    /**
     * Begins anew.
     *
     * @param first the longest that the first wait may be
     * @param max the longest that any may be
     */
    public Backoff(Duration first, Duration max) {
        this.nanos = first.toNanos();
        this.maxNanos = max.toNanos();
    }

    public long nextNanos() {
        long next = nanos - ThreadLocalRandom.current().nextLong(nanos / 2);
        nanos = Math.min(2 * nanos, maxNanos);
        return next;
    }
}
