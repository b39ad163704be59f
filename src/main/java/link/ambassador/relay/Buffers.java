package link.ambassador.relay;

import io.netty.buffer.PooledByteBufAllocator;

/** The allocator of all buffers of the relay, also those of the admin port: Netty's default one. */
public final class Buffers {
    private static final PooledByteBufAllocator ALLOCATOR = PooledByteBufAllocator.DEFAULT;

    private Buffers() {}

    /**
     * Makes Vert.x use Netty's allocator. Otherwise it has its own, with as many arenas and caches again. Call it
     * before the first Vert.x is made.
     */
    static void shareOneAllocator() {
        System.setProperty("vertx.reuseNettyAllocators", "true");
    }

    /** The direct memory of used and free buffers. From any thread. */
    public static long directMemoryBytes() {
        return ALLOCATOR.metric().usedDirectMemory();
    }

    /**
     * Frees the unused buffers that Netty caches for the calling thread. On the event loop. One chunk stays, with a
     * prepared page for each size that was used.
     */
    static void releaseUnused() {
        releaseUnused(ALLOCATOR);
    }

    static void releaseUnused(PooledByteBufAllocator allocator) {
        // Twice: the first call frees what was not used since the last trim, and then counts from zero.
        allocator.trimCurrentThreadCache();
        allocator.trimCurrentThreadCache();
    }
}
