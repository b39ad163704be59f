package link.ambassador.relayspec;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** How the connections of a {@link Chaos} ended; many threads count. */
public final class ChaosFigures {
    static final Duration SLOW = Duration.ofMillis(500);

    private final AtomicLong served = new AtomicLong();
    private final AtomicLong cut = new AtomicLong();
    private final AtomicLong lost = new AtomicLong();
    private final AtomicLong crossed = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong slow = new AtomicLong();
    private final AtomicLong longestWaitNanos = new AtomicLong();
    private final AtomicReference<String> error = new AtomicReference<>();

    void countServed(long waitedNanos) {
        served.incrementAndGet();
        waited(waitedNanos);
    }

    void countCut() {
        cut.incrementAndGet();
    }

    void countLost(long waitedNanos) {
        lost.incrementAndGet();
        waited(waitedNanos);
    }

    void countCrossed() {
        crossed.incrementAndGet();
    }

    void countRefused() {
        refused.incrementAndGet();
    }

    void failed(Throwable cause) {
        error.compareAndSet(null, cause.toString());
    }

    private void waited(long nanos) {
        if (nanos > SLOW.toNanos()) {
            slow.incrementAndGet();
        }
        longestWaitNanos.accumulateAndGet(nanos, Math::max);
    }

    /** Got their token back. */
    public long served() {
        return served.get();
    }

    /** Ended before their token was back. */
    public long cut() {
        return cut.get();
    }

    /** Neither had their token back nor ended in time. */
    public long lost() {
        return lost.get();
    }

    /** Got the token of another connection. */
    public long crossed() {
        return crossed.get();
    }

    /** Could not connect. */
    public long refused() {
        return refused.get();
    }

    /** Took more than half a second from the connect to the token. */
    public long slow() {
        return slow.get();
    }

    public Duration longestWait() {
        return Duration.ofNanos(longestWaitNanos.get());
    }

    /** The first error of the test itself; empty if there was none. */
    public String error() {
        String first = error.get();
        return first == null ? "" : first;
    }

    @Override
    public String toString() {
        return served() + " served, " + lost() + " lost, " + crossed() + " crossed, " + refused() + " refused, " + cut()
                + " cut before their token was back, " + slow() + " slower than " + SLOW.toMillis()
                + " ms, longest wait " + longestWait().toMillis() + " ms";
    }
}
