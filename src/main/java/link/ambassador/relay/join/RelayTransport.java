package link.ambassador.relay.join;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollMode;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.InternetProtocolFamily;
import io.vertx.core.impl.transports.EpollTransport;
import io.vertx.core.impl.transports.JDKTransport;
import io.vertx.core.net.ClientOptionsBase;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.spi.transport.Transport;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;

/**
 * Vert.x' transport with the options a relay needs, set when a channel is registered: later is too late for the epoll mode,
 * and a first read would already have happened.
 *
 * <p>One event loop accepts, connects and relays: handing accepted connections to a second thread would cost a wake-up for
 * each, and a sidecar has a fraction of a core.
 */
public final class RelayTransport implements Transport {
    /** Connections waiting to be accepted; the kernel lowers it to {@code net.core.somaxconn}. */
    private static final int BACKLOG = 4096;

    /**
     * One read; with "one chunk in flight" it is also what a stuck peer can hold in each direction. Half of it made copying a
     * third slower: the two peers are woken for each chunk.
     */
    static final int MAX_CHUNK_BYTES = 128 * 1024;

    /** How a vanished peer is noticed on an idle connection: after 60 s (tcp(7), TCP_KEEPIDLE and the two below it). */
    private static final int KEEPALIVE_IDLE_SECONDS = 30;

    private static final int KEEPALIVE_INTERVAL_SECONDS = 10;
    private static final int KEEPALIVE_COUNT = 3;

    private final Transport base;
    private final boolean epoll;
    private final Listeners listeners = new Listeners();
    private EventLoopGroup loops;

    private RelayTransport(Transport base, boolean epoll) {
        this.base = base;
        this.epoll = epoll;
    }

    /** Native epoll where it is present, NIO otherwise. */
    public static RelayTransport best() {
        return Epoll.isAvailable() ? epoll() : nio();
    }

    /** Native epoll; {@link #isAvailable} says whether it is present. */
    public static RelayTransport epoll() {
        return new RelayTransport(new EpollTransport(), true);
    }

    /** The JDK's own; what it cannot do is marked in relayspec. */
    public static RelayTransport nio() {
        return new RelayTransport(JDKTransport.INSTANCE, false);
    }

    public String name() {
        return epoll ? "epoll" : "nio";
    }

    /** Called with each listening channel before it is bound; and with each failure to accept. */
    public void onListener(Consumer<Channel> registered, Runnable acceptFailed) {
        listeners.registered = registered;
        listeners.acceptFailed = acceptFailed;
    }

    @Override
    public EventLoopGroup eventLoopGroup(int type, int threads, ThreadFactory threadFactory, int ioRatio) {
        if (loops == null) {
            loops = base.eventLoopGroup(type, threads, threadFactory, ioRatio);
        }
        return loops;
    }

    @Override
    public boolean isAvailable() {
        return base.isAvailable();
    }

    @Override
    public Throwable unavailabilityCause() {
        return base.unavailabilityCause();
    }

    @Override
    public DatagramChannel datagramChannel() {
        return base.datagramChannel();
    }

    @Override
    public DatagramChannel datagramChannel(InternetProtocolFamily family) {
        return base.datagramChannel(family);
    }

    @Override
    public ChannelFactory<? extends Channel> channelFactory(boolean domainSocket) {
        ChannelFactory<? extends Channel> channels = base.channelFactory(domainSocket);
        return () -> {
            Channel channel = channels.newChannel();
            channel.pipeline().addLast(new EarlyReset());
            return channel;
        };
    }

    @Override
    public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
        return base.serverChannelFactory(domainSocket);
    }

    @Override
    public void configure(NetServerOptions options, boolean domainSocket, ServerBootstrap bootstrap) {
        bootstrap.option(ChannelOption.SO_REUSEADDR, true);
        bootstrap.option(ChannelOption.SO_BACKLOG, BACKLOG);
        bootstrap.handler(listeners);
        forEachOption(bootstrap::childOption);
    }

    @Override
    public void configure(ClientOptionsBase options, boolean domainSocket, Bootstrap bootstrap) {
        bootstrap.option(ChannelOption.CONNECT_TIMEOUT_MILLIS, options.getConnectTimeout());
        forEachOption(bootstrap::option);
    }

    private interface OptionSetter {
        <T> Object set(ChannelOption<T> option, T value);
    }

    private void forEachOption(OptionSetter setter) {
        setter.set(ChannelOption.AUTO_READ, false);
        setter.set(ChannelOption.ALLOW_HALF_CLOSURE, true);
        // A failed write ends that direction only: what the peer sent before its reset is still there to be read.
        setter.set(ChannelOption.AUTO_CLOSE, false);
        setter.set(ChannelOption.RCVBUF_ALLOCATOR, new AdaptiveRecvByteBufAllocator(512, 2048, MAX_CHUNK_BYTES));
        // Writable means empty: see Leg.
        setter.set(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(1, 1));
        setter.set(ChannelOption.MESSAGE_SIZE_ESTIMATOR, PipedBytes.SIZES);
        setter.set(ChannelOption.TCP_NODELAY, true);
        setter.set(ChannelOption.SO_KEEPALIVE, true);
        if (epoll) {
            setter.set(EpollChannelOption.EPOLL_MODE, EpollMode.LEVEL_TRIGGERED);
            setter.set(EpollChannelOption.TCP_KEEPIDLE, KEEPALIVE_IDLE_SECONDS);
            setter.set(EpollChannelOption.TCP_KEEPINTVL, KEEPALIVE_INTERVAL_SECONDS);
            setter.set(EpollChannelOption.TCP_KEEPCNT, KEEPALIVE_COUNT);
        }
    }

    /** Tells of each listening channel, which Vert.x keeps to itself: closing that one leaves its connections alone. */
    @ChannelHandler.Sharable
    private static final class Listeners extends ChannelInboundHandlerAdapter {
        private Consumer<Channel> registered = channel -> {};
        private Runnable acceptFailed = () -> {};

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            registered.accept(context.channel());
        }

        /** Out of file descriptors, mostly: Netty's acceptor behind us stops accepting for a second. */
        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            acceptFailed.run();
            context.fireExceptionCaught(cause);
        }
    }
}
