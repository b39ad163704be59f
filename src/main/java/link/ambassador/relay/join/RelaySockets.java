package link.ambassador.relay.join;

import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import java.net.SocketAddress;

/** What Vert.x is given for its sockets: channels, with the options that a relay needs. */
abstract sealed class RelaySockets permits EpollSockets, NioSockets {
    /** Connections waiting to be accepted; the kernel lowers it to {@code net.core.somaxconn}. */
    static final int BACKLOG = 4096;

    /**
     * One read; with "one chunk in flight" it is also what a stuck peer can hold in each direction. Half of it made copying a
     * third slower: the two peers are woken for each chunk.
     */
    static final int MAX_CHUNK_BYTES = 128 * 1024;

    /** How a vanished peer is noticed on an idle connection: after 60 s (tcp(7), TCP_KEEPIDLE and the two below it). */
    static final int KEEPALIVE_IDLE_SECONDS = 30;

    static final int KEEPALIVE_INTERVAL_SECONDS = 10;
    static final int KEEPALIVE_COUNT = 3;

    /** Writable means empty: see {@link Endpoint}. */
    private static final WriteBufferWaterMark EMPTY = new WriteBufferWaterMark(1, 1);

    /** Not registered yet, with the options that its connections inherit. */
    abstract ServerChannel listener(boolean ipv6);

    /** Not registered yet, with its options. */
    abstract Channel connection(UpstreamSocketAddress upstream);

    /** Where Netty is to connect. */
    abstract SocketAddress address(UpstreamSocketAddress upstream);

    /** Sets the options of a connection that was accepted; before it is registered, since a read could happen then. */
    abstract void accepted(Channel channel);

    /** What Netty is to do, of either transport. */
    static void configure(ChannelConfig config) {
        config.setAutoRead(false);
        // A dial has a timer of its own, which closes the connect.
        config.setConnectTimeoutMillis(0);
        // A failed write ends that direction only: what the peer sent before its reset is still there to be read.
        config.setAutoClose(false);
        config.setWriteBufferWaterMark(EMPTY);
        config.setMessageSizeEstimator(PipeRegion.SIZES);
    }
}
