package io.netty.channel.epoll;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.unix.Buffer;
import java.nio.ByteBuffer;

/**
 * What one of a loop's channels received last. One for all of them: it is sent on before the next is received, and stays in
 * the processor's cache for that. Its pages are the kernel's until bytes come.
 */
public final class ReceiveBuffer {
    private final ByteBuffer bytes;
    private final long address;

    /** Of a part; one for all, since a new one for each would be garbage. */
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
