package link.ambassador.relay.join;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/** Netty's reads without epoll, within the budget. */
record BudgetedRecvAllocator(RecvByteBufAllocator chunks, ByteBudget budget) implements RecvByteBufAllocator {
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
            int most = budget.mostBytesToRead();
            return most < RelaySockets.MAX_CHUNK_BYTES ? allocator.ioBuffer(most, most) : chunks.allocate(allocator);
        }

        /**
         * One more than was tried, so that no read counts as full: after a full one Netty reads again without being asked.
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
