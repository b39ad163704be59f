package link.ambassador.relay.join;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How many bytes all connections of the relay may hold for peers that do not read. Above it, reading stops until a peer
 * has read, and new connections are refused. So stuck peers cost a bounded amount, and never an {@code
 * OutOfMemoryError}.
 */
public final class ByteBudget {
    private static final int BYTES_OVER_BUDGET = 512;

    private final long limitBytes;
    private final Deque<Endpoint> waiting = new ArrayDeque<>();
    private long heldBytes;

    public ByteBudget(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    public long heldBytes() {
        return heldBytes;
    }

    /** Whether another chunk may be read. */
    public boolean hasRoom() {
        return heldBytes + RelaySockets.MAX_CHUNK_BYTES <= limitBytes;
    }

    /**
     * How many bytes one read may take. Reads that were requested before the budget was used up cannot be taken back.
     * There may be one on every endpoint, and a whole chunk for each would go far beyond the budget, so they read next
     * to nothing.
     */
    int maxBytesToRead() {
        return hasRoom() ? RelaySockets.MAX_CHUNK_BYTES : BYTES_OVER_BUDGET;
    }

    void hold(long bytes) {
        heldBytes += bytes;
    }

    void release(long bytes) {
        heldBytes -= bytes;
        // One turn for each that waits now, not until none waits: each may use up the room again at once.
        for (int left = waiting.size(); left > 0 && hasRoom(); left--) {
            waiting.remove().budgetHasRoom();
        }
    }

    /** Calls {@link Endpoint#budgetHasRoom} once, when there is room. */
    void awaitRoom(Endpoint endpoint) {
        waiting.add(endpoint);
    }
}
