package link.ambassador.relay.join;

import io.netty.channel.Channel;
import io.vertx.core.net.SocketAddress;
import java.net.InetSocketAddress;

/**
 * The address of one connect by a {@code NetClient}, with which {@link #close} can end that connect. Vert.x hands this object to
 * {@link RelayTransport} unchanged.
 *
 * <p>It is Netty's address too. It is no {@link InetSocketAddress}, because after a connect to one of those Netty asks the kernel for
 * the peer's address. On the event loop.
 */
public final class UpstreamSocketAddress extends java.net.SocketAddress implements SocketAddress {
    private static final long serialVersionUID = 1;

    private final InetSocketAddress address;
    private transient Channel channel;

    public UpstreamSocketAddress(InetSocketAddress address) {
        this.address = address;
    }

    InetSocketAddress address() {
        return address;
    }

    /** Makes the channel for the connect. */
    Channel open(RelaySockets sockets) {
        channel = sockets.connection(this);
        return channel;
    }

    /** Ends the connect, which then fails. Does nothing before it begins. */
    public void close() {
        if (channel != null) {
            channel.close();
        }
    }

    /** None: Vert.x would check whether it ends with a dot. */
    @Override
    public String host() {
        return null;
    }

    @Override
    public String hostName() {
        return null;
    }

    @Override
    public String hostAddress() {
        return address.getAddress().getHostAddress();
    }

    @Override
    public int port() {
        return address.getPort();
    }

    @Override
    public String path() {
        return null;
    }

    @Override
    public boolean isInetSocket() {
        return true;
    }

    @Override
    public boolean isDomainSocket() {
        return false;
    }

    @Override
    public String toString() {
        return address.toString();
    }
}
