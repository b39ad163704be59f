package io.netty.channel.epoll;

import io.netty.channel.Channel;
import io.netty.channel.MaxMessagesRecvByteBufAllocator;
import java.io.IOException;

/**
 * What the relay asks of epoll beyond Netty's API; in Netty's package because the members it calls are package-private.
 * {@code EpollInterestTest} guards them against a bump of Netty. Every method is called on the channel's event loop, and
 * does nothing for a channel of another transport.
 */
public final class EpollInterest {
    private EpollInterest() {}

    /**
     * Takes a channel out of the epoll set. Level-triggered epoll reports a hang-up or an error for as long as it lasts,
     * whatever interest is registered: a paused channel in that state would keep the loop spinning.
     *
     * @return whether the channel was taken out, and so needs {@link #watch} to be read again
     */
    public static boolean unwatch(Channel channel) throws IOException {
        if (channel instanceof AbstractEpollChannel epoll && epoll.isOpen()) {
            // Else Netty would end the interest after the read under way, of a channel that epoll does not know any
            // more.
            epoll.clearFlag(Native.EPOLLIN);
            ((EpollEventLoop) epoll.eventLoop()).remove(epoll);
            return true;
        }
        return false;
    }

    /** Puts a channel that {@link #unwatch} took out back into the epoll set, with the interest it has now. */
    public static void watch(Channel channel) throws IOException {
        if (channel instanceof AbstractEpollChannel epoll && epoll.isOpen()) {
            ((EpollEventLoop) epoll.eventLoop()).add(epoll);
        }
    }

    /** The read that was asked for is done, with nothing for Netty to read: as Netty's own reads end. */
    public static void readDone(Channel channel) {
        if (channel instanceof AbstractEpollChannel epoll) {
            ((AbstractEpollChannel.AbstractEpollUnsafe) epoll.unsafe()).readPending = false;
        }
    }

    /**
     * A connect that Netty took for failed has succeeded: the channel is what it would be then, but for its remote address,
     * which is not known.
     */
    public static void connected(Channel channel) throws IOException {
        if (channel instanceof AbstractEpollChannel epoll) {
            epoll.active = true;
            epoll.clearFlag(Native.EPOLLOUT);
        }
    }

    /** Accepts up to so many connections now, of those that wait. */
    public static void accept(Channel listener, int most) {
        if (listener instanceof AbstractEpollServerChannel server && server.isActive()) {
            // Else it stops after 16.
            if (server.config().getRecvByteBufAllocator() instanceof MaxMessagesRecvByteBufAllocator accepts) {
                accepts.maxMessagesPerRead(most);
            }
            ((AbstractEpollChannel.AbstractEpollUnsafe) server.unsafe()).epollInReady();
        }
    }
}
