package link.ambassador.webhook.serving;

import java.time.Duration;

/** So many at once, and then so many a second. Callable from any thread. */
final class TokenBucket {
    private final double perNano;
    private final int most;
    private double tokens;
    private long at;

    /**
     * A full one.
     *
     * @param now {@link System#nanoTime}
     */
    TokenBucket(int most, double perSecond, long now) {
        this.perNano = perSecond / Duration.ofSeconds(1).toNanos();
        this.most = most;
        this.tokens = most;
        this.at = now;
    }

    /** Takes one, unless there is none. */
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
