package link.ambassador.relay.join;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Takes what a listening channel accepts. */
final class Acceptor extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = Logger.getLogger(Acceptor.class.getName());

    /** Out of file descriptors, mostly: the backlog keeps the kernel reporting what cannot be accepted. */
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

    private final RelaySockets sockets;
    private final EventLoop loop;
    private final Consumer<Channel> accepted;
    private final Runnable acceptFailed;

    Acceptor(RelaySockets sockets, EventLoop loop, Consumer<Channel> accepted, Runnable acceptFailed) {
        this.sockets = sockets;
        this.loop = loop;
        this.accepted = accepted;
        this.acceptFailed = acceptFailed;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        Channel connection = (Channel) message;
        sockets.accepted(connection);
        if (!loop.register(connection).isSuccess()) {
            connection.unsafe().closeForcibly();
            return;
        }
        try {
            accepted.accept(connection);
        } catch (Throwable e) {
            // Else Netty would take it for a failure to accept.
            LOG.log(Level.SEVERE, e, () -> "reset " + connection.remoteAddress() + ", which could not be served");
            Join.refuse(connection);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        acceptFailed.run();
        Channel listener = context.channel();
        LOG.warning(() -> "cannot accept on " + listener.localAddress() + ": " + cause.getMessage()
                + "; trying again in " + PAUSE_AFTER_FAILURE.toMillis() + " ms");
        listener.config().setAutoRead(false);
        loop.schedule(() -> listener.config().setAutoRead(true), PAUSE_AFTER_FAILURE.toNanos(), TimeUnit.NANOSECONDS);
    }
}
