package link.ambassador.relay.join;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * Reads that were asked for before the byte budget was used up cannot be taken back: there may be one on every leg, and a
 * whole chunk of each would go far beyond the budget. They read next to nothing instead.
 */
record BudgetedReads(RecvByteBufAllocator chunks, ByteBudget budget) implements RecvByteBufAllocator {
    static final int BYTES_OVER_BUDGET = 512;

    @Override
    @SuppressWarnings("deprecation") // The interface's own: Netty has no other way to make a handle.
    public Handle newHandle() {
        return new BudgetedHandle((ExtendedHandle) chunks.newHandle(), budget);
    }

    @SuppressWarnings("deprecation") // As above: Handle.
    private static final class BudgetedHandle extends DelegatingHandle implements ExtendedHandle {
        private final ExtendedHandle chunks;
        private final ByteBudget budget;

        BudgetedHandle(ExtendedHandle chunks, ByteBudget budget) {
            super(chunks);
            this.chunks = chunks;
            this.budget = budget;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            return budget.hasRoom()
                    ? chunks.allocate(allocator)
                    : allocator.ioBuffer(BYTES_OVER_BUDGET, BYTES_OVER_BUDGET);
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
