package link.ambassador.relay.join;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.SocketChannel;
import java.util.Optional;

/** The sockets without epoll. */
final class NioSockets extends RelaySockets {
    private static final RecvByteBufAllocator READS = new AdaptiveRecvByteBufAllocator(512, 2048, MAX_CHUNK_BYTES);

    /** An urgent byte is part of the stream (RFC 6093). The JDK has the option, but no public name for it. */
    private static final Optional<ChannelOption<Boolean>> OOB_INLINE = oobInline();

    @SuppressWarnings("unchecked") // The filter checks the type.
    private static Optional<ChannelOption<Boolean>> oobInline() {
        try (SocketChannel any = SocketChannel.open()) {
            return any.supportedOptions().stream()
                    .filter(option -> option.name().equals("SO_OOBINLINE") && option.type() == Boolean.class)
                    .findFirst()
                    .map(option -> NioChannelOption.of((SocketOption<Boolean>) option));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    @Override
    ServerChannel listener(boolean ipv6) {
        NioServerSocketChannel channel = new NioServerSocketChannel();
        channel.config().setOption(ChannelOption.SO_REUSEADDR, true);
        channel.config().setOption(ChannelOption.SO_BACKLOG, BACKLOG);
        return channel;
    }

    @Override
    SocketAddress address(UpstreamSocketAddress upstream) {
        return upstream.address();
    }

    @Override
    Channel connection(UpstreamSocketAddress upstream) {
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
        OOB_INLINE.ifPresent(option -> channel.config().setOption(option, true));
    }
}
