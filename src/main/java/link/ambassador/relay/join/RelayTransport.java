package link.ambassador.relay.join;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.InternetProtocolFamily;
import io.netty.util.NetUtil;
import io.vertx.core.impl.transports.EpollTransport;
import io.vertx.core.impl.transports.JDKTransport;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.impl.VertxBuilder;
import io.vertx.core.net.ClientOptionsBase;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.spi.transport.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadFactory;
import java.util.logging.Logger;

/**
 * Vert.x' transport with one event loop, which accepts, connects and relays: handing accepted connections to a second thread
 * would cost a wake-up for each, and a sidecar has a fraction of a core. What {@code NetServer} accepts on a link's address and
 * {@code NetClient} connects are channels of {@link RelaySockets}; the admin port's are Vert.x' own.
 */
public final class RelayTransport implements Transport {
    private static final Logger LOG = Logger.getLogger(RelayTransport.class.getName());

    /**
     * For so long at least the kernel keeps whoever connects to the admin port and asks nothing (tcp(7), TCP_DEFER_ACCEPT).
     * Hundreds of idle clients then take neither a place nor a file descriptor from who asks at once, as probes do.
     */
    private static final int SECONDS_TO_ASK = 5;

    private final Transport base;
    private final RelaySockets sockets;
    private final String name;
    private final Map<InetSocketAddress, ListeningSocket> expected = new HashMap<>();
    private EventLoopGroup loops;
    private ListeningSocket nextListener;
    private UpstreamSocketAddress nextUpstream;

    private RelayTransport(Transport base, RelaySockets sockets, String name) {
        this.base = base;
        this.sockets = sockets;
        this.name = name;
    }

    /** Native epoll where it is present, NIO otherwise, which the log says with the reason. */
    public static RelayTransport best() {
        if (Epoll.isAvailable()) {
            return epoll();
        }
        LOG.warning(() -> "epoll is not available, using NIO, which is slower and sees resets later: "
                + reason(Epoll.unavailabilityCause())
                + ". Its library is unpacked into /tmp, or into -Dio.netty.native.workdir: that folder must be writable and its"
                + " files executable. AMBASSADOR_TRANSPORT=nio chooses NIO without this warning");
        return nio();
    }

    /** That of the innermost cause. Netty wraps it, and adds the places where it has looked before as suppressed ones. */
    private static String reason(Throwable thrown) {
        Throwable innermost = thrown;
        while (innermost.getCause() != null) {
            innermost = innermost.getCause();
        }
        return innermost.getMessage() == null
                ? innermost.toString()
                : innermost.getMessage().lines().findFirst().orElse("");
    }

    /** Native epoll; {@link #isAvailable} says whether it is present. */
    public static RelayTransport epoll() {
        return new RelayTransport(new EpollTransport(), new EpollSockets(), "epoll");
    }

    /** The JDK's own; what it cannot do is marked in relayspec. */
    public static RelayTransport nio() {
        return new RelayTransport(JDKTransport.INSTANCE, new NioSockets(), "nio");
    }

    public String name() {
        return name;
    }

    /** A Vert.x with one event loop, on this transport. */
    public Vertx vertx() {
        VertxOptions options = new VertxOptions()
                .setEventLoopPoolSize(1)
                // Otherwise each dispatch changes the thread's class loader and back, which nothing here needs.
                .setDisableTCCL(true)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                // No cache directory: the root file system may be read-only.
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false));
        return new VertxBuilder(options).findTransport(this).init().vertx();
    }

    /**
     * The next server that listens there, by the host and port of its options, is a link's. On the event loop, as all that
     * follows.
     */
    public ListeningSocket expect(InetSocketAddress address, Runnable acceptFailed) {
        ListeningSocket socket = new ListeningSocket(sockets, address, acceptFailed);
        expected.put(address, socket);
        return socket;
    }

    /** No such server came. */
    public void unexpect(ListeningSocket socket) {
        expected.values().remove(socket);
    }

    /** Called by Vert.x right before it makes the channel that is to connect there. */
    @Override
    public SocketAddress convert(io.vertx.core.net.SocketAddress address) {
        nextUpstream = address instanceof UpstreamSocketAddress upstream ? upstream : null;
        return nextUpstream == null ? base.convert(address) : sockets.address(nextUpstream);
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
        return () -> nextUpstream == null ? base.channelFactory(domainSocket).newChannel() : nextUpstream.open(sockets);
    }

    @Override
    public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
        ListeningSocket socket = nextListener;
        return socket == null ? base.serverChannelFactory(domainSocket) : socket::open;
    }

    /** Called by Vert.x right before it asks for the factory of the channel that is to listen. */
    @Override
    public void configure(NetServerOptions options, boolean domainSocket, ServerBootstrap bootstrap) {
        InetAddress host = NetUtil.createInetAddressFromIpAddressString(options.getHost());
        nextListener = host == null ? null : expected.remove(new InetSocketAddress(host, options.getPort()));
        if (nextListener == null) {
            base.configure(options, domainSocket, bootstrap);
            if (base instanceof EpollTransport) {
                // Of the admin port alone: on a link the server may be the one that speaks first.
                bootstrap.option(EpollChannelOption.TCP_DEFER_ACCEPT, SECONDS_TO_ASK);
            }
        } else {
            bootstrap.handler(nextListener);
            // Netty's own, and not set on each connection.
            bootstrap.childOption(ChannelOption.ALLOCATOR, null);
        }
    }

    /** The options of a connection to an upstream are set when it is made. */
    @Override
    public void configure(ClientOptionsBase options, boolean domainSocket, Bootstrap bootstrap) {
        bootstrap.option(ChannelOption.ALLOCATOR, null);
    }
}
