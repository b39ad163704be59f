package link.ambassador.relay.join;

import io.netty.channel.Channel;
import io.vertx.core.net.SocketAddress;
import java.net.InetSocketAddress;

/**
 * Where a {@code NetClient} connects for one connection; only {@link #close} ends a connect that takes long. Vert.x hands it to
 * {@link RelayTransport} as it is, and makes no text of its parts. On the event loop.
 */
public final class UpstreamSocketAddress implements SocketAddress {
    private final InetSocketAddress address;
    private Channel channel;

    public UpstreamSocketAddress(InetSocketAddress address) {
        this.address = address;
    }

    InetSocketAddress address() {
        return address;
    }

    /** Makes the channel that is to connect there. */
    Channel open(RelaySockets sockets) {
        channel = sockets.connection(this);
        return channel;
    }

    /** Nobody waits for the connect any more, which fails now. */
    public void close() {
        if (channel != null) {
            channel.close();
        }
    }

    /** None: Vert.x would look whether it ends with a dot. */
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
}
