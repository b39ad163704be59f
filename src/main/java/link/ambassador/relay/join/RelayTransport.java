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
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.impl.VertxBuilder;
import io.vertx.core.impl.transports.EpollTransport;
import io.vertx.core.impl.transports.JDKTransport;
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
 * A Vert.x transport with one event loop, which accepts, connects and relays. To hand accepted connections to a second
 * thread would cost a wake-up for each, and a sidecar has a fraction of a core. {@code NetServer} accepts on a link's
 * address, and {@code NetClient} connects, channels of {@link RelaySockets}. The admin port uses Vert.x' own channels.
 */
public final class RelayTransport implements Transport {
    private static final Logger LOG = Logger.getLogger(RelayTransport.class.getName());

    /**
     * How long at least the kernel keeps a connection to the admin port that sends no request (tcp(7),
     * TCP_DEFER_ACCEPT). So hundreds of idle clients take neither a place nor a file descriptor from clients that send
     * at once, as probes do.
     */
    private static final int DEFER_ACCEPT_SECONDS = 5;

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

    /** Native epoll if it is present; otherwise NIO, and the log says why. */
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

    /**
     * The message of the innermost cause. Netty wraps it, and adds the places where it looked as suppressed exceptions.
     */
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

    /** The JDK's own transport. docs/relayspec.md marks what it cannot do. */
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
     * Says that the next server with this host and port in its options is a link's. On the event loop, like all methods
     * below.
     */
    public ListeningSocket expect(InetSocketAddress address, Runnable acceptFailed) {
        ListeningSocket socket = new ListeningSocket(sockets, address, acceptFailed);
        expected.put(address, socket);
        return socket;
    }

    /** That server did not come. */
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
                // On the admin port alone: on a link, the server may be the one that sends first.
                bootstrap.option(EpollChannelOption.TCP_DEFER_ACCEPT, DEFER_ACCEPT_SECONDS);
            }
        } else {
            bootstrap.handler(nextListener);
            // Leaves Netty's default, which otherwise is set again on each connection.
            bootstrap.childOption(ChannelOption.ALLOCATOR, null);
        }
    }

    /** Sets no option: {@link RelaySockets} sets them when it makes the channel. */
    @Override
    public void configure(ClientOptionsBase options, boolean domainSocket, Bootstrap bootstrap) {
        bootstrap.option(ChannelOption.ALLOCATOR, null);
    }
}
