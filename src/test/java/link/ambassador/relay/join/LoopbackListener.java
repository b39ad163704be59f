package link.ambassador.relay.join;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.ServerChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/** A relay's listening socket without Vert.x. Accepted channels have a handler in the place of Vert.x' own. */
final class LoopbackListener {
    private LoopbackListener() {}

    /** Takes over an accepted channel, with settings that no test depends on. */
    static ProxiedConnection relay(Channel accepted, ProxiedConnection.Listener listener) {
        ProxiedConnection.Settings settings = new ProxiedConnection.Settings(
                new ByteBudget(1 << 20),
                new PipePool(SpliceMode.AUTO),
                new LinkCounters(),
                Duration.ofMinutes(1),
                Optional.empty());
        return ProxiedConnection.accept(accepted, settings, listener);
    }

    /** Returns the address that it listens on. */
    static InetSocketAddress open(RelaySockets sockets, EventLoop loop, Consumer<Channel> accepted)
            throws InterruptedException {
        ServerChannel listener = sockets.listener(false);
        listener.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                Channel connection = (Channel) message;
                sockets.accepted(connection);
                connection.pipeline().addLast(Endpoint.VERTX_HANDLER, new ChannelInboundHandlerAdapter());
                loop.register(connection);
                accepted.accept(connection);
            }
        });
        loop.register(listener).sync();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync();
        return (InetSocketAddress) listener.localAddress();
    }
}
