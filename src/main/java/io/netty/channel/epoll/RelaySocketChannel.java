package io.netty.channel.epoll;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelId;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.function.Predicate;

/**
 * A TCP connection of the relay: {@link EpollSocketChannel} without what a connection that lives for one request pays for
 * and a relay has no use of. Of the system calls that Netty makes for one, these are gone: those for addresses and options
 * that nobody asks for, shutdown(SHUT_RD) of an input that has ended, and epoll_ctl for EPOLLOUT of a connect and for a
 * socket that is closed next.
 *
 * <p>Nor has it an interest in EPOLLRDHUP. With it, Netty answers a FIN by draining the kernel's receive buffer although
 * reads are off: back-pressure would be lost, and bytes would arrive before the upstream is connected.
 *
 * <p>Reads do not go through the pipeline: a buffer for each, its handle and two walks along the handlers cost as much as
 * all that the relay itself does with a small message. Whoever is its {@link Input} reads into the {@link
 * ReceiveBuffer} of the loop, and sends from there.
 *
 * <p>Level-triggered, reads on demand, half-closure always. Options: those of {@link EpollChannelConfig} and {@link
 * ChannelOption#SO_LINGER}. In Netty's package because the members it overrides are package-private; on its event loop.
 */
public final class RelaySocketChannel extends AbstractEpollStreamChannel {
    /** Hears of the input of a channel, on its event loop. */
    @FunctionalInterface
    public interface Input {
        /**
         * {@link #receive} has something to tell. Called once for each read that was requested; without a request only when
         * there is an error. Throws nothing: what it threw would reach the event loop, which sleeps for a second then.
         */
        void readable();
    }

    private static final Input NOBODY = () -> {};

    private final Config config = new Config(this);
    private final ReceiveBuffer buffer;
    private Predicate<Channel> connectedAllTheSame = failed -> false;
    private Input input = NOBODY;
    private boolean watched = true;

    private RelaySocketChannel(LinuxSocket socket, ReceiveBuffer buffer, int flags) {
        // Not as an active channel, of which both addresses would be looked up.
        super(socket, false);
        this.buffer = buffer;
        this.flags = flags;
    }

    /** A connection that was accepted. */
    static RelaySocketChannel accepted(int fd, ReceiveBuffer buffer) {
        RelaySocketChannel channel = new RelaySocketChannel(new LinuxSocket(fd), buffer, 0);
        channel.active = true;
        return channel;
    }

    /** A connection that is to be connected in the same turn of the loop in which it is registered. */
    public static RelaySocketChannel connecting(
            boolean ipv6, ReceiveBuffer buffer, Predicate<Channel> connectedAllTheSame) {
        RelaySocketChannel channel = new RelaySocketChannel(LinuxSocket.newSocketStream(ipv6), buffer, Native.EPOLLOUT);
        channel.connectedAllTheSame = connectedAllTheSame;
        return channel;
    }

    /** Whom to tell from now on; nobody before. */
    public void input(Input next) {
        input = next;
    }

    /** Requests one read. */
    public void requestRead() throws IOException {
        if (!watched) {
            watched = true;
            if (isOpen()) {
                ((EpollEventLoop) eventLoop()).add(this);
            }
        }
        ((AbstractEpollUnsafe) unsafe()).readPending = true;
        setFlag(Native.EPOLLIN);
    }

    /**
     * Takes a channel that nobody reads out of the epoll set, until the next request. Level-triggered epoll reports a hang-up
     * or an error for as long as it lasts, whatever interest is registered: a paused channel in that state would keep the
     * loop spinning.
     */
    public void unwatch() throws IOException {
        if (watched && isOpen()) {
            watched = false;
            flags &= ~Native.EPOLLIN;
            ((EpollEventLoop) eventLoop()).remove(this);
        }
    }

    /**
     * Reads into the buffer of the loop, over what was there.
     *
     * @return how many bytes there are now; 0 when nothing has come, -1 at the end of the input
     * @throws IOException the error of the socket, which it has no more then
     */
    public int receive(int mostBytes) throws IOException {
        return socket.recvAddress(buffer.address(), 0, mostBytes);
    }

    /**
     * Gives the kernel what any channel of the loop received last; only while nothing else waits to be written here.
     *
     * @return how many bytes it took
     */
    public int sendReceived(int bytes) throws IOException {
        return socket.sendAddress(buffer.address(), 0, bytes);
    }

    /** The rest of what was received last, to be written as usual. */
    public ByteBuf copyOfReceived(int from, int to) {
        return buffer.copy(alloc(), from, to);
    }

    /**
     * A connect that Netty took for failed has succeeded: the channel is what it would be then, but for its remote address,
     * which is not known.
     */
    public void connected() throws IOException {
        active = true;
        clearFlag(Native.EPOLLOUT);
    }

    @Override
    public EpollChannelConfig config() {
        return config;
    }

    /** What comes first is an answer to the connect, and a read is requested then: one change of the interest for both. */
    @Override
    protected void doRegister() throws Exception {
        if (isFlagSet(Native.EPOLLOUT)) {
            flags |= Native.EPOLLIN;
        }
        super.doRegister();
    }

    @Override
    protected ChannelId newId() {
        return new NumberedChannelId();
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
        boolean connected = doConnect0(remote instanceof UpstreamAddress upstream ? upstream.address() : remote);
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
        /** A connect that Netty takes for failed may have succeeded; whoever connects hears of that alone. */
        @Override
        public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
            ChannelPromise outcome = newPromise();
            outcome.addListener(done -> {
                if (done.isSuccess()) {
                    promise.trySuccess();
                } else if (connectedAllTheSame.test(RelaySocketChannel.this)) {
                    promise.trySuccess();
                    pipeline().fireChannelActive();
                } else {
                    promise.tryFailure(done.cause());
                }
            });
            super.connect(remote, local, outcome);
        }

        /** Called for an event that had an error too, although its owner has closed the channel because of that. */
        @Override
        void epollInReady() {
            if (!isOpen()) {
                return;
            }
            readPending = false;
            input.readable();
            if (!readPending) {
                clearEpollIn0();
            }
        }
    }

    private static final class Config extends EpollChannelConfig {
        private static final RecvByteBufAllocator UNUSED = new FixedRecvByteBufAllocator(1);

        Config(RelaySocketChannel channel) {
            super(channel, UNUSED);
        }

        @Override
        public <T> boolean setOption(ChannelOption<T> option, T value) {
            if (ChannelOption.SO_LINGER.equals(option)) {
                try {
                    socket().setSoLinger((Integer) value);
                } catch (IOException e) {
                    throw new ChannelException(e);
                }
                return true;
            }
            return super.setOption(option, value);
        }
    }
}
