package link.ambassador.relay;

import java.time.Duration;

/**
 * Decides when to return memory to the system after a load. Netty caches freed buffers, and the serial collector
 * shrinks the heap only in a full collection; neither happens by itself in an idle relay. A collection pauses the relay
 * for some milliseconds, so it waits until little moves.
 *
 * <pre>
 *   IDLE ── much moved ──► LOADED ── little moved ──► reclaim, IDLE
 * </pre>
 */
final class IdleTrimmer {
    /** What to return to the system. */
    enum Reclaim {
        /** It is loaded, or was idle before. */
        NOTHING,
        /** The heap is about as large as it was at the start. */
        BUFFERS,
        BUFFERS_AND_HEAP
    }

    static final Duration BETWEEN_SAMPLES = Duration.ofSeconds(15);

    /** Less than this between two samples is idle; health checks of consumers stay below it. */
    static final long LITTLE_BYTES = 1 << 20;

    /** How many moved bytes a new connection counts for. */
    static final long BYTES_PER_CONNECTION = 8 * 1024;

    /** To reclaim less heap is not worth the pause. */
    static final long GROWTH_BYTES = 3 << 20;

    private final long heapAtStartBytes;
    private long lastWork;
    private boolean loaded;

    /** @param heapBytes the heap that the JVM has committed now */
    IdleTrimmer(long heapBytes) {
        heapAtStartBytes = heapBytes;
    }

    /**
     * Takes a sample, once in {@link #BETWEEN_SAMPLES}.
     *
     * @param work the bytes moved since the start, plus {@link #BYTES_PER_CONNECTION} for each connection opened
     */
    Reclaim sample(long work, long heapBytes) {
        boolean little = Math.abs(work - lastWork) < LITTLE_BYTES;
        lastWork = work;
        boolean becameIdle = little && loaded;
        loaded = !little;
        if (!becameIdle) {
            return Reclaim.NOTHING;
        }
        return heapBytes - heapAtStartBytes >= GROWTH_BYTES ? Reclaim.BUFFERS_AND_HEAP : Reclaim.BUFFERS;
    }
}
