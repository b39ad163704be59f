package link.ambassador.relay.join;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.InternetProtocolFamily;
import io.vertx.core.impl.transports.EpollTransport;
import io.vertx.core.impl.transports.JDKTransport;
import io.vertx.core.net.ClientOptionsBase;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.spi.transport.Transport;
import java.util.concurrent.ThreadFactory;

/**
 * Vert.x' transport with one event loop, which accepts, connects and relays: handing accepted connections to a second thread
 * would cost a wake-up for each, and a sidecar has a fraction of a core. The sockets of the relay itself are those of
 * {@link #sockets}; Vert.x opens that of the admin port alone.
 */
public final class RelayTransport implements Transport {
    private final Transport base;
    private final RelaySockets sockets;
    private final String name;
    private EventLoopGroup loops;

    private RelayTransport(Transport base, RelaySockets sockets, String name) {
        this.base = base;
        this.sockets = sockets;
        this.name = name;
    }

    /** Native epoll where it is present, NIO otherwise. */
    public static RelayTransport best() {
        return Epoll.isAvailable() ? epoll() : nio();
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

    public RelaySockets sockets() {
        return sockets;
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
        return base.channelFactory(domainSocket);
    }

    @Override
    public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
        return base.serverChannelFactory(domainSocket);
    }

    @Override
    public void configure(NetServerOptions options, boolean domainSocket, ServerBootstrap bootstrap) {
        base.configure(options, domainSocket, bootstrap);
    }

    @Override
    public void configure(ClientOptionsBase options, boolean domainSocket, Bootstrap bootstrap) {
        base.configure(options, domainSocket, bootstrap);
    }
}
