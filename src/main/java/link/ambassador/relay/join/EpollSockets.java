package link.ambassador.relay.join;

import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.ReceiveBuffer;
import io.netty.channel.epoll.RelayServerChannel;
import io.netty.channel.epoll.RelaySocketChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.net.SocketAddress;

/**
 * The sockets on Linux, with epoll. An accepted connection inherits the options of the listening socket, so that they
 * cost no system call ({@code tcp_create_openreq_child} in the kernel's {@code net/ipv4/tcp_minisocks.c}).
 */
final class EpollSockets extends RelaySockets {
    private static final int SOL_SOCKET = 1;
    private static final int IPPROTO_TCP = 6;

    /**
     * By number ({@code asm-generic/socket.h}, {@code linux/tcp.h}): Netty accepts none of them by name on a listener.
     */
    private static final IntegerUnixChannelOption SO_KEEPALIVE = option("SO_KEEPALIVE", SOL_SOCKET, 9);

    private static final IntegerUnixChannelOption SO_OOBINLINE = option("SO_OOBINLINE", SOL_SOCKET, 10);
    private static final IntegerUnixChannelOption TCP_NODELAY = option("TCP_NODELAY", IPPROTO_TCP, 1);
    private static final IntegerUnixChannelOption TCP_KEEPIDLE = option("TCP_KEEPIDLE", IPPROTO_TCP, 4);
    private static final IntegerUnixChannelOption TCP_KEEPINTVL = option("TCP_KEEPINTVL", IPPROTO_TCP, 5);
    private static final IntegerUnixChannelOption TCP_KEEPCNT = option("TCP_KEEPCNT", IPPROTO_TCP, 6);

    private final ReceiveBuffer buffer = new ReceiveBuffer(MAX_CHUNK_BYTES);

    private static IntegerUnixChannelOption option(String name, int level, int number) {
        return new IntegerUnixChannelOption("AMBASSADOR_" + name, level, number);
    }

    @Override
    ServerChannel listener(boolean ipv6) {
        RelayServerChannel channel = new RelayServerChannel(ipv6, buffer);
        channel.config().setOption(ChannelOption.SO_REUSEADDR, true);
        channel.config().setOption(ChannelOption.SO_BACKLOG, BACKLOG);
        socketOptions(channel.config());
        return channel;
    }

    @Override
    SocketAddress address(UpstreamSocketAddress upstream) {
        return upstream;
    }

    @Override
    Channel connection(UpstreamSocketAddress upstream) {
        RelaySocketChannel channel = RelaySocketChannel.connecting(upstream.address(), buffer, EarlyReset::isBehind);
        configure(channel.config());
        socketOptions(channel.config());
        return channel;
    }

    /** Sets Netty's options only: the socket inherited its own. */
    @Override
    void accepted(Channel channel) {
        configure(channel.config());
    }

    private static void socketOptions(ChannelConfig config) {
        config.setOption(TCP_NODELAY, 1);
        config.setOption(SO_KEEPALIVE, 1);
        // An urgent byte is part of the stream (RFC 6093); without this the kernel takes it out.
        config.setOption(SO_OOBINLINE, 1);
        config.setOption(TCP_KEEPIDLE, KEEPALIVE_IDLE_SECONDS);
        config.setOption(TCP_KEEPINTVL, KEEPALIVE_INTERVAL_SECONDS);
        config.setOption(TCP_KEEPCNT, KEEPALIVE_COUNT);
    }
}
