package io.netty.channel.epoll;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;

/**
 * A TCP connection of the relay: {@link EpollSocketChannel} without what a connection that lives for one request pays for
 * and a relay has no use of. Of the system calls that Netty makes for one, these are gone: those for addresses and options
 * that nobody asks for, shutdown(SHUT_RD) of an input that has ended, and epoll_ctl for EPOLLOUT of a connect and for a
 * socket that is closed next.
 *
 * <p>Nor has it an interest in EPOLLRDHUP. With it, Netty answers a FIN by draining the kernel's receive buffer although
 * reads are off: back-pressure would be lost, and bytes would arrive before the upstream is connected.
 *
 * <p>Level-triggered, reads on demand, half-closure always. Options: those of {@link EpollChannelConfig} and {@link
 * ChannelOption#SO_LINGER}. In Netty's package because the members it overrides are package-private; on its event loop.
 */
public final class RelaySocketChannel extends AbstractEpollStreamChannel {
    private final Config config;
    private boolean inputEnded;

    private RelaySocketChannel(LinuxSocket socket, RecvByteBufAllocator reads, int flags) {
        // Not as an active channel, of which both addresses would be looked up.
        super(socket, false);
        this.config = new Config(this, reads);
        this.flags = flags;
    }

    /** A connection that was accepted. */
    static RelaySocketChannel accepted(int fd, RecvByteBufAllocator reads) {
        RelaySocketChannel channel = new RelaySocketChannel(new LinuxSocket(fd), reads, 0);
        channel.active = true;
        return channel;
    }

    /** A connection that is to be connected in the same turn of the loop in which it is registered. */
    public static RelaySocketChannel connecting(boolean ipv6, RecvByteBufAllocator reads) {
        return new RelaySocketChannel(LinuxSocket.newSocketStream(ipv6), reads, Native.EPOLLOUT);
    }

    @Override
    public EpollChannelConfig config() {
        return config;
    }

    /** Asked of the kernel; null when it is not connected. */
    @Override
    protected SocketAddress remoteAddress0() {
        return isActive() ? socket.remoteAddress() : null;
    }

    @Override
    protected SocketAddress localAddress0() {
        return isActive() ? socket.localAddress() : null;
    }

    @Override
    protected boolean doConnect(SocketAddress remote, SocketAddress local) throws Exception {
        boolean connected = doConnect0(remote);
        if (connected) {
            clearFlag(Native.EPOLLOUT);
        }
        return connected;
    }

    /**
     * Sends the FIN and no more: Netty would also fail what waits to be written, with an exception that it makes for each
     * connection. Here nothing waits.
     */
    @Override
    public ChannelFuture shutdownOutput() {
        try {
            doShutdownOutput();
            return newSucceededFuture();
        } catch (Exception e) {
            return newFailedFuture(e);
        }
    }

    /** A socket that is closed has left the epoll set by that, so that it is closed before the loop forgets it. */
    @Override
    protected void doClose() throws Exception {
        try {
            socket.close();
        } finally {
            super.doClose();
        }
    }

    @Override
    protected AbstractEpollUnsafe newUnsafe() {
        return new Unsafe();
    }

    private final class Unsafe extends EpollStreamUnsafe {
        /** Tells of the end once; Netty takes EPOLLIN from the interest behind the read that found it. */
        @Override
        void shutdownInput(boolean hungUp) {
            readPending = false;
            if (!inputEnded) {
                inputEnded = true;
                pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
            }
        }
    }

    private static final class Config extends EpollChannelConfig {
        Config(RelaySocketChannel channel, RecvByteBufAllocator reads) {
            super(channel, reads);
        }

        @Override
        public <T> boolean setOption(ChannelOption<T> option, T value) {
            if (ChannelOption.SO_LINGER.equals(option)) {
                try {
                    socket().setSoLinger((Integer) value);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                return true;
            }
            return super.setOption(option, value);
        }
    }
}
