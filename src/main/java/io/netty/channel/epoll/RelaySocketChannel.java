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
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.function.Predicate;

/**
 * A TCP connection of the relay: an {@link EpollSocketChannel} without the costs that a connection for one request
 * notices and a relay does not need. It saves these system calls of Netty: those for addresses and options that are not
 * used, shutdown(SHUT_RD) of an input that has ended, and epoll_ctl for EPOLLOUT of a connect and for a socket that is
 * closed next.
 *
 * <p>It does not register for EPOLLRDHUP. With it, Netty answers a FIN by draining the kernel's receive buffer although
 * reads are off: back-pressure would be lost, and bytes would arrive before the upstream is connected.
 *
 * <p>Reads do not go through the pipeline. A buffer for each read, its handle and two passes along the handlers cost as
 * much as all that the relay does with a small message. The {@link Input} reads into the {@link ReceiveBuffer} of the
 * loop and sends from there.
 *
 * <p>Level-triggered, reads on demand, always with half-closure. It has the options of {@link EpollChannelConfig} and
 * {@link ChannelOption#SO_LINGER}. It is in Netty's package because it overrides package-private members. Used on its
 * event loop only.
 */
public final class RelaySocketChannel extends AbstractEpollStreamChannel {
    /** Called when the channel has input, on its event loop. */
    @FunctionalInterface
    public interface Input {
        /**
         * {@link #receive} has bytes, the end or an error. Called once for each read that was requested, and without a
         * request only if there is an error. Must not throw: the event loop would sleep for a second.
         */
        void readable();
    }

    private static final Input NONE = () -> {};

    private final Config config = new Config(this);
    private final ReceiveBuffer buffer;
    private InetSocketAddress target;
    private Predicate<Channel> connectedAllTheSame = failed -> false;
    private Input input = NONE;
    private boolean watched = true;
    private boolean readRequested;

    private RelaySocketChannel(LinuxSocket socket, ReceiveBuffer buffer, int flags) {
        // Not active yet: Netty would look up both addresses of an active channel.
        super(socket, false);
        this.buffer = buffer;
        this.flags = flags;
    }

    /** A channel for an accepted connection. */
    static RelaySocketChannel accepted(int fd, ReceiveBuffer buffer) {
        RelaySocketChannel channel = new RelaySocketChannel(new LinuxSocket(fd), buffer, 0);
        channel.active = true;
        return channel;
    }

    /**
     * A channel to connect, in the same turn of the loop in which it is registered.
     *
     * @param target where it connects, whatever address Netty is given
     * @param connectedAllTheSame whether a connect that Netty treats as failed has succeeded
     */
    public static RelaySocketChannel connecting(
            InetSocketAddress target, ReceiveBuffer buffer, Predicate<Channel> connectedAllTheSame) {
        LinuxSocket socket = LinuxSocket.newSocketStream(target.getAddress() instanceof Inet6Address);
        RelaySocketChannel channel = new RelaySocketChannel(socket, buffer, Native.EPOLLOUT);
        channel.target = target;
        channel.connectedAllTheSame = connectedAllTheSame;
        return channel;
    }

    /** Sets what is called when there is input. */
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

    /** Whether a read was requested before the event for which {@link Input#readable} is called. */
    public boolean wasReadRequested() {
        return readRequested;
    }

    /**
     * Takes the channel out of the epoll set until the next request. Level-triggered epoll reports a hang-up or an
     * error for as long as it lasts, whatever events are registered: a paused channel in that state would keep the loop
     * spinning.
     */
    public void unwatch() throws IOException {
        if (watched && isOpen()) {
            watched = false;
            flags &= ~Native.EPOLLIN;
            ((EpollEventLoop) eventLoop()).remove(this);
        }
    }

    /**
     * Reads into the buffer of the loop, and overwrites what was there.
     *
     * @return how many bytes there are now; 0 if none have come, -1 at the end of the input
     * @throws IOException the error of the socket, which the kernel reports only once
     */
    public int receive(int maxBytes) throws IOException {
        return socket.recvAddress(buffer.address(), 0, maxBytes);
    }

    /**
     * Sends what any channel of the loop received last. Allowed only while nothing else waits to be written here.
     *
     * @return how many bytes it took
     */
    public int sendReceived(int bytes) throws IOException {
        return socket.sendAddress(buffer.address(), 0, bytes);
    }

    /** A copy of what was received last, for Netty to write. */
    public ByteBuf copyOfReceived(int from, int to) {
        return buffer.copy(alloc(), from, to);
    }

    /**
     * A connect that Netty treats as failed has succeeded. Makes the channel active; its remote address is not known.
     */
    public void connected() throws IOException {
        active = true;
        clearFlag(Native.EPOLLOUT);
    }

    @Override
    public EpollChannelConfig config() {
        return config;
    }

    /** Registers for both events of a connect at once: the first event is its answer, and then a read is requested. */
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

    /** Asks the kernel; null if it is not connected. */
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
        InetSocketAddress to = target;
        target = null;
        boolean connected = doConnect0(to);
        if (connected) {
            clearFlag(Native.EPOLLOUT);
        }
        return connected;
    }

    /**
     * Sends the FIN only. Netty would also fail what waits to be written, with a new exception for each connection.
     * Here nothing waits.
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

    /** Closes the socket first, which takes it out of the epoll set, so that the loop need not remove it. */
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
        /** Completes the promise as succeeded if a connect that Netty treats as failed has succeeded. */
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

        /** Netty calls this even if the channel was closed because of an error in the same event. */
        @Override
        void epollInReady() {
            if (!isOpen()) {
                return;
            }
            readRequested = readPending;
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
