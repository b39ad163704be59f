package link.ambassador.relay;

import java.time.Duration;

/**
 * When to give back what the heap grew to under a load. The serial collector does so in a full collection only, and none comes
 * to a relay at rest. It stops the relay for some milliseconds, so it waits until little moves.
 *
 * <pre>
 *   AT_REST ── much moved ──► LOADED ── little moved, heap large ──► collect, AT_REST
 * </pre>
 */
final class HeapAtRest {
    static final Duration BETWEEN_LOOKS = Duration.ofSeconds(15);

    /** Between two looks; what consumers' health checks do is rest. */
    static final long LITTLE_BYTES = 1 << 20;

    /** What a connection counts for, next to a byte that was moved. */
    static final long BYTES_PER_CONNECTION = 8 * 1024;

    /** Less is not worth the pause. */
    static final long GROWTH_BYTES = 3 << 20;

    private final long heapAtStartBytes;
    private long workBefore;
    private boolean loaded;

    /** @param heapBytes what the JVM has committed now */
    HeapAtRest(long heapBytes) {
        heapAtStartBytes = heapBytes;
    }

    /**
     * Looks, once in {@link #BETWEEN_LOOKS}.
     *
     * @param work bytes moved and connections opened since the start, the latter at {@link #BYTES_PER_CONNECTION}
     * @return whether to collect now
     */
    boolean isDue(long work, long heapBytes) {
        boolean little = Math.abs(work - workBefore) < LITTLE_BYTES;
        workBefore = work;
        if (!little) {
            loaded = true;
            return false;
        }
        boolean due = loaded && heapBytes - heapAtStartBytes >= GROWTH_BYTES;
        loaded = false;
        return due;
    }
}
