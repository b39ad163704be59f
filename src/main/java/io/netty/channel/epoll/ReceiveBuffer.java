package io.netty.channel.epoll;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.unix.Buffer;
import java.nio.ByteBuffer;

/**
 * Holds what a channel of the loop received last. All channels of the loop share it, because each chunk is sent on
 * before the next is received. So it stays in the processor's cache. It takes no memory before the first bytes come.
 */
public final class ReceiveBuffer {
    private final ByteBuffer bytes;
    private final long address;

    /** A view of a part. One for all copies, because a new one for each would be garbage. */
    private final ByteBuffer part;

    public ReceiveBuffer(int capacityBytes) {
        bytes = ByteBuffer.allocateDirect(capacityBytes);
        address = Buffer.memoryAddress(bytes);
        part = bytes.duplicate();
    }

    long address() {
        return address;
    }

    ByteBuf copy(ByteBufAllocator allocator, int from, int to) {
        ByteBuf copy = allocator.directBuffer(to - from, to - from);
        return copy.writeBytes(part.clear().position(from).limit(to));
    }
}
