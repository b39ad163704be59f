package link.ambassador.relay.join;

import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import java.net.SocketAddress;

/** Makes the channels of Vert.x' sockets, with the options that a relay needs. */
abstract sealed class RelaySockets permits EpollSockets, NioSockets {
    /** Connections waiting to be accepted; the kernel lowers it to {@code net.core.somaxconn}. */
    static final int BACKLOG = 4096;

    /**
     * The size of one read. With "one chunk in flight" it is also what a stuck peer can hold in each direction. Half of
     * it made copying a third slower, because each chunk wakes both peers.
     */
    static final int MAX_CHUNK_BYTES = 128 * 1024;

    /**
     * A peer that vanished from an idle connection is noticed after 60 s (tcp(7), TCP_KEEPIDLE and the two below it).
     */
    static final int KEEPALIVE_IDLE_SECONDS = 30;

    static final int KEEPALIVE_INTERVAL_SECONDS = 10;
    static final int KEEPALIVE_COUNT = 3;

    /** A channel is writable only if nothing waits: see {@link Output}. */
    private static final WriteBufferWaterMark EMPTY = new WriteBufferWaterMark(1, 1);

    /** A listening channel, with the options that its connections inherit. It is not registered yet. */
    abstract ServerChannel listener(boolean ipv6);

    /** A channel to connect, with its options. It is not registered yet. */
    abstract Channel connection(UpstreamSocketAddress upstream);

    /** The address for Netty to connect to. */
    abstract SocketAddress address(UpstreamSocketAddress upstream);

    /**
     * Sets the options of an accepted connection. Called before it is registered, because it could be read afterwards.
     */
    abstract void accepted(Channel channel);

    /** Sets Netty's own options, which both transports share. */
    static void configure(ChannelConfig config) {
        config.setAutoRead(false);
        // The dial has a timer, which closes the connect.
        config.setConnectTimeoutMillis(0);
        // A failed write ends one direction only: what the remote side sent before its reset can still be read.
        config.setAutoClose(false);
        config.setWriteBufferWaterMark(EMPTY);
        config.setMessageSizeEstimator(PipeRegion.SIZES);
    }
}
