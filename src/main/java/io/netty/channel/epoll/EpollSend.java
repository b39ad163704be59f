package io.netty.channel.epoll;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.io.IOException;

/**
 * send(2) past Netty's outbound buffer: an entry, a promise and two changes of writability for each message cost as much as
 * all that the relay itself does with it. In Netty's package because a channel's socket is package-private.
 */
public final class EpollSend {
    private EpollSend() {}

    /**
     * Gives the kernel what is readable, of a channel that has nothing else to write; on its event loop. What was sent is
     * skipped in the buffer.
     *
     * @return whether that was all. The rest is to be written as usual: Netty waits until it can be, or hears of the error
     *     again and deals with it
     */
    public static boolean all(Channel channel, ByteBuf buffer) {
        if (!(channel instanceof AbstractEpollChannel epoll) || !buffer.hasMemoryAddress()) {
            return false;
        }
        try {
            int sent = epoll.socket.sendAddress(buffer.memoryAddress(), buffer.readerIndex(), buffer.writerIndex());
            if (sent > 0) {
                buffer.skipBytes(sent);
            }
        } catch (IOException toldAgain) {
            return false;
        }
        return !buffer.isReadable();
    }
}
