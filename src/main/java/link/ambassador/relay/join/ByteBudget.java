package link.ambassador.relay.join;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How many bytes the relay may hold for peers that do not read, over all connections. Over it reading stops until a peer
 * has read, and new connections are refused: stuck peers cost a bounded amount, never an {@code OutOfMemoryError}.
 */
public final class ByteBudget {
    private static final int BYTES_OVER_BUDGET = 512;

    private final long limitBytes;
    private final Deque<Endpoint> waiting = new ArrayDeque<>();
    private long heldBytes;

    public ByteBudget(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    public long limitBytes() {
        return limitBytes;
    }

    public long heldBytes() {
        return heldBytes;
    }

    /** Whether another chunk may be read. */
    public boolean hasRoom() {
        return heldBytes + RelaySockets.MAX_CHUNK_BYTES <= limitBytes;
    }

    /**
     * Reads that were requested before the budget was used up cannot be taken back: there may be one on every leg, and a
     * whole chunk of each would go far beyond the budget. They read next to nothing instead.
     */
    int mostBytesToRead() {
        return hasRoom() ? RelaySockets.MAX_CHUNK_BYTES : BYTES_OVER_BUDGET;
    }

    void hold(long bytes) {
        heldBytes += bytes;
    }

    void release(long bytes) {
        heldBytes -= bytes;
        // Those that wait may hold again at once: one look at each, not a loop until none waits.
        for (int left = waiting.size(); left > 0 && hasRoom(); left--) {
            waiting.remove().roomAgain();
        }
    }

    void await(Endpoint leg) {
        waiting.add(leg);
    }
}
