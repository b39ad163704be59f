package link.ambassador.relay.join;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;

/** Where there is no epoll. */
final class NioSockets extends RelaySockets {
    private static final RecvByteBufAllocator READS = new AdaptiveRecvByteBufAllocator(512, 2048, MAX_CHUNK_BYTES);

    @Override
    ServerChannel listener(boolean ipv6) {
        NioServerSocketChannel channel = new NioServerSocketChannel();
        channel.config().setOption(ChannelOption.SO_REUSEADDR, true);
        channel.config().setOption(ChannelOption.SO_BACKLOG, BACKLOG);
        return channel;
    }

    @Override
    Channel connection(boolean ipv6) {
        NioSocketChannel channel = new NioSocketChannel();
        accepted(channel);
        return channel;
    }

    @Override
    void accepted(Channel channel) {
        configure(channel.config());
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        channel.config().setOption(ChannelOption.TCP_NODELAY, true);
        channel.config().setOption(ChannelOption.SO_KEEPALIVE, true);
        channel.config().setRecvByteBufAllocator(READS);
    }
}
