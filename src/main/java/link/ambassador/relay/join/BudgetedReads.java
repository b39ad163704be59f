package link.ambassador.relay.join;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.Signal;
import io.netty.util.UncheckedBooleanSupplier;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;

/**
 * Reads that were asked for before the byte budget was used up cannot be taken back: there may be one on every leg, and a
 * whole chunk of each would go far beyond the budget. They read next to nothing instead.
 */
record BudgetedReads(RecvByteBufAllocator chunks, ByteBudget budget, Splicer splicer) implements RecvByteBufAllocator {
    /**
     * Thrown in place of a buffer when the bytes went another way. Netty ends the read with it, and reports it as an exception
     * that means nothing; what it does for each of its own exceptions it does not do for this one.
     */
    @SuppressWarnings("StaticAssignmentOfThrowable") // A Signal has no stack trace to be wrong.
    static final Signal SPLICED = Signal.valueOf(BudgetedReads.class, "SPLICED");

    static final int BYTES_OVER_BUDGET = 512;

    @Override
    @SuppressWarnings("deprecation") // The interface's own: Netty has no other way to make a handle.
    public Handle newHandle() {
        return new BudgetedHandle((ExtendedHandle) chunks.newHandle(), budget, splicer);
    }

    @SuppressWarnings("deprecation") // As above: Handle.
    private static final class BudgetedHandle extends DelegatingHandle implements ExtendedHandle {
        private final ExtendedHandle chunks;
        private final ByteBudget budget;
        private final Splicer splicer;
        private boolean spliced;

        BudgetedHandle(ExtendedHandle chunks, ByteBudget budget, Splicer splicer) {
            super(chunks);
            this.chunks = chunks;
            this.budget = budget;
            this.splicer = splicer;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            if (!budget.hasRoom()) {
                return allocator.ioBuffer(BYTES_OVER_BUDGET, BYTES_OVER_BUDGET);
            }
            spliced = spliced();
            if (spliced) {
                throw SPLICED;
            }
            return chunks.allocate(allocator);
        }

        private boolean spliced() {
            try {
                return splicer.splice();
            } catch (IOException e) {
                // Netty treats it as one of its own read, which may throw it where this may not.
                PlatformDependent.throwException(e);
                return false;
            }
        }

        /** A read that moved nothing into a buffer says nothing about how large the next one is to be. */
        @Override
        public void readComplete() {
            if (!spliced) {
                super.readComplete();
            }
            spliced = false;
        }

        /**
         * One more than was tried, so that no read counts as full: after a full one Netty reads again without being asked.
         * Level-triggered epoll tells of what is left anyway.
         */
        @Override
        public int attemptedBytesRead() {
            return super.attemptedBytesRead() + 1;
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
            return chunks.continueReading(maybeMoreData);
        }
    }
}
