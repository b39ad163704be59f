package link.ambassador.relay;

import java.time.Instant;

/** Times of day for {@link System#nanoTime} values of this process: the same for the same value. */
public record RelayClock(Instant startedAt, long startedAtNanos) {
    static RelayClock start() {
        return new RelayClock(Instant.now(), System.nanoTime());
    }

    public Instant at(long nanos) {
        return startedAt.plusNanos(nanos - startedAtNanos);
    }
}
