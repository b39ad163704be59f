package link.ambassador.relay.join;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ServerChannel;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.logging.Logger;

/**
 * The socket of a link's {@code NetServer}, which Vert.x does not expose. Its handler comes before Netty's acceptor: it
 * sets the options of each connection first, and handles failures to accept.
 */
public final class ListeningSocket extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = Logger.getLogger(ListeningSocket.class.getName());

    /** Mostly the process has no file descriptor left, and the kernel keeps reporting the connections that wait. */
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

    private final RelaySockets sockets;
    private final InetSocketAddress address;
    private final Runnable acceptFailed;
    private Channel channel;

    ListeningSocket(RelaySockets sockets, InetSocketAddress address, Runnable acceptFailed) {
        this.sockets = sockets;
        this.address = address;
        this.acceptFailed = acceptFailed;
    }

    ServerChannel open() {
        ServerChannel opened = sockets.listener(address.getAddress() instanceof Inet6Address);
        channel = opened;
        return opened;
    }

    /** Null until it is opened. */
    public Channel channel() {
        return channel;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        sockets.accepted((Channel) message);
        context.fireChannelRead(message);
    }

    /** Does not pass the error on: Netty's acceptor would pause as well, and the pipeline log a stack trace. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        acceptFailed.run();
        LOG.warning(() -> "cannot accept on " + channel.localAddress() + ": " + cause.getMessage() + "; retrying in "
                + PAUSE_AFTER_FAILURE.toMillis() + " ms");
        channel.config().setAutoRead(false);
        channel.eventLoop()
                .schedule(
                        () -> channel.config().setAutoRead(true), PAUSE_AFTER_FAILURE.toNanos(), TimeUnit.NANOSECONDS);
    }
}
