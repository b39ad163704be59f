package link.ambassador.relay.join;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/** Keeps Netty's own reads, which are used without epoll, within the byte budget. */
record BudgetedRecvAllocator(RecvByteBufAllocator unbounded, ByteBudget budget) implements RecvByteBufAllocator {
    @Override
    @SuppressWarnings("deprecation") // Netty has no other interface for a handle.
    public Handle newHandle() {
        return new BudgetedHandle((ExtendedHandle) unbounded.newHandle(), budget);
    }

    @SuppressWarnings("deprecation") // As above.
    private static final class BudgetedHandle extends DelegatingHandle implements ExtendedHandle {
        private final ExtendedHandle unbounded;
        private final ByteBudget budget;

        BudgetedHandle(ExtendedHandle unbounded, ByteBudget budget) {
            super(unbounded);
            this.unbounded = unbounded;
            this.budget = budget;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            int maxBytes = budget.maxBytesToRead();
            return maxBytes < RelaySockets.MAX_CHUNK_BYTES
                    ? allocator.ioBuffer(maxBytes, maxBytes)
                    : unbounded.allocate(allocator);
        }

        /**
         * One byte more than was attempted, so that no read counts as full. After a full one, Netty reads again
         * unasked.
         */
        @Override
        public int attemptedBytesRead() {
            return super.attemptedBytesRead() + 1;
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
            return unbounded.continueReading(maybeMoreData);
        }
    }
}
