package link.ambassador.relay;

import io.netty.buffer.PooledByteBufAllocator;

/** The relay's buffers: all are Netty's default allocator's, that of the bytes on their way and that of the admin port. */
public final class Buffers {
    private static final PooledByteBufAllocator ALLOCATOR = PooledByteBufAllocator.DEFAULT;

    private Buffers() {}

    /**
     * Makes Vert.x allocate where Netty does. It has an allocator of its own otherwise, with as many arenas and caches again. Before
     * the first Vert.x is made.
     */
    static void ofOneAllocator() {
        System.setProperty("vertx.reuseNettyAllocators", "true");
    }

    /** Direct memory that is taken, for buffers in use and free ones; from any thread. */
    public static long directMemoryBytes() {
        return ALLOCATOR.metric().usedDirectMemory();
    }

    /**
     * Gives back the free buffers that are kept for the calling thread's next ones; on the event loop. What is left is the last
     * chunk, where a page of each size that was used stays prepared.
     */
    static void giveBackFree() {
        giveBackFree(ALLOCATOR);
    }

    static void giveBackFree(PooledByteBufAllocator allocator) {
        // The first frees what was not used since the cache was trimmed last, and begins to count anew.
        allocator.trimCurrentThreadCache();
        allocator.trimCurrentThreadCache();
    }
}
