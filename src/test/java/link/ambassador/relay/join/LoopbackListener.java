package link.ambassador.relay.join;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.ServerChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Consumer;

/** A relay's listening socket without Vert.x: what is accepted has a handler where Vert.x' own would be. */
final class LoopbackListener {
    private LoopbackListener() {}

    /** Returns where it listens. */
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
