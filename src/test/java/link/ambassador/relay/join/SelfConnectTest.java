package link.ambassador.relay.join;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.NetUtil;
import io.vertx.core.Future;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import link.ambassador.relay.LoopbackPort;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A connect from the port of its target. The kernel gives that port by chance; the test binds it. */
class SelfConnectTest {
    static Stream<Class<? extends SocketChannel>> transports() {
        return Epoll.isAvailable()
                ? Stream.of(NioSocketChannel.class, EpollSocketChannel.class)
                : Stream.of(NioSocketChannel.class);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aConnectToItselfIsRefusedAndLeavesThePortFree(Class<? extends SocketChannel> transport) throws Exception {
        InetSocketAddress target = new InetSocketAddress(NetUtil.LOCALHOST4, LoopbackPort.free());
        EventLoopGroup group =
                transport.equals(NioSocketChannel.class) ? new NioEventLoopGroup(1) : new EpollEventLoopGroup(1);
        try {
            Channel itself = new Bootstrap()
                    .group(group)
                    .channel(transport)
                    .option(ChannelOption.SO_REUSEADDR, true)
                    .handler(new ChannelInboundHandlerAdapter())
                    .connect(target, target)
                    .sync()
                    .channel();
            assertThat(SelfConnect.is(itself, target)).isTrue();
            Future<Channel> outcome = itself.eventLoop()
                    .submit(() -> SelfConnect.rejectIfSelf(itself, target))
                    .get();
            assertThat(outcome.cause()).isInstanceOf(ConnectException.class).hasMessageContaining("refused");
            itself.closeFuture().sync();
            try (ServerSocket server = new ServerSocket()) {
                server.bind(target);
            }
        } finally {
            group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aConnectToAnotherIsLeftAlone(Class<? extends SocketChannel> transport) throws Exception {
        EventLoopGroup group =
                transport.equals(NioSocketChannel.class) ? new NioEventLoopGroup(1) : new EpollEventLoopGroup(1);
        try (ServerSocket server = new ServerSocket(0, 1, NetUtil.LOCALHOST4)) {
            InetSocketAddress target = (InetSocketAddress) server.getLocalSocketAddress();
            Channel channel = new Bootstrap()
                    .group(group)
                    .channel(transport)
                    .handler(new ChannelInboundHandlerAdapter())
                    .connect(target)
                    .sync()
                    .channel();
            assertThat(SelfConnect.rejectIfSelf(channel, target).result()).isSameAs(channel);
            channel.close().sync();
        } finally {
            group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        }
    }

    @Test
    void onlyAPortThatTheKernelGivesToConnectsIsChecked() {
        SelfConnect ports = new SelfConnect(32_768, 60_999);
        assertThat(ports.isPossible(new InetSocketAddress(NetUtil.LOCALHOST4, 6379)))
                .isFalse();
        assertThat(ports.isPossible(new InetSocketAddress(NetUtil.LOCALHOST4, 32_768)))
                .isTrue();
        assertThat(ports.isPossible(new InetSocketAddress(NetUtil.LOCALHOST4, 60_999)))
                .isTrue();
        assertThat(ports.isPossible(new InetSocketAddress(NetUtil.LOCALHOST4, 61_000)))
                .isFalse();
    }

    @Test
    void theRangeIsTheKernels() throws Exception {
        Process cat = new ProcessBuilder("cat", "/proc/sys/net/ipv4/ip_local_port_range").start();
        String[] range =
                new String(cat.getInputStream().readAllBytes(), US_ASCII).trim().split("\\s+", -1);
        assertThat(SelfConnect.ofKernel())
                .isEqualTo(new SelfConnect(Integer.parseInt(range[0]), Integer.parseInt(range[1])));
    }
}
