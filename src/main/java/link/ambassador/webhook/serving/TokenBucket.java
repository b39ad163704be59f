package link.ambassador.webhook.serving;

import java.time.Duration;

/** Allows a number at once, and then a number per second. Callable from any thread. */
final class TokenBucket {
    private final double perNano;
    private final int most;
    private double tokens;
    private long at;

    /**
     * A full bucket.
     *
     * @param now {@link System#nanoTime}
     */
    TokenBucket(int most, double perSecond, long now) {
        this.perNano = perSecond / Duration.ofSeconds(1).toNanos();
        this.most = most;
        this.tokens = most;
        this.at = now;
    }

    /** Takes a token; false when there is none. */
    synchronized boolean take(long now) {
        tokens = Math.min(most, tokens + (now - at) * perNano);
        at = now;
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }
}
