package link.ambassador.relay;

import java.time.Duration;

/**
 * When to give back what a load took. Netty keeps freed buffers for the thread's next ones, and the serial collector gives heap
 * back in a full collection only; neither ends by itself at a relay at rest. A collection stops the relay for some milliseconds,
 * so all that waits until little moves.
 *
 * <pre>
 *   AT_REST ── much moved ──► LOADED ── little moved ──► give back, AT_REST
 * </pre>
 */
final class IdleTrimmer {
    /** What to do after a look. */
    enum GiveBack {
        /** It is loaded, or rested before. */
        NOTHING,
        /** The heap is about as large as it was at the start. */
        BUFFERS,
        BUFFERS_AND_HEAP
    }

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
    IdleTrimmer(long heapBytes) {
        heapAtStartBytes = heapBytes;
    }

    /**
     * Looks, once in {@link #BETWEEN_LOOKS}.
     *
     * @param work bytes moved and connections opened since the start, the latter at {@link #BYTES_PER_CONNECTION}
     */
    GiveBack look(long work, long heapBytes) {
        boolean little = Math.abs(work - workBefore) < LITTLE_BYTES;
        workBefore = work;
        boolean rests = little && loaded;
        loaded = !little;
        if (!rests) {
            return GiveBack.NOTHING;
        }
        return heapBytes - heapAtStartBytes >= GROWTH_BYTES ? GiveBack.BUFFERS_AND_HEAP : GiveBack.BUFFERS;
    }
}
