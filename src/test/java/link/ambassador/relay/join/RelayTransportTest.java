package link.ambassador.relay.join;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.Channel;
import io.netty.channel.epoll.RelayServerChannel;
import io.netty.channel.epoll.RelaySocketChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.impl.VertxBuilder;
import io.vertx.core.impl.VertxInternal;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.impl.NetSocketInternal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import link.ambassador.relay.TestRelay;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The sockets of {@code NetServer} and {@code NetClient} on this transport, with their options in the kernel. */
final class RelayTransportTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();
    private RelayTransport transport;
    private Vertx vertx;
    private ContextInternal context;
    private ListeningSocket listening;

    static Stream<RelayTransport> transports() {
        return Stream.of(RelayTransport.epoll(), RelayTransport.nio()).filter(RelayTransport::isAvailable);
    }

    private void start(RelayTransport chosen) {
        transport = chosen;
        vertx = new VertxBuilder(new VertxOptions().setEventLoopPoolSize(1))
                .findTransport(chosen)
                .init()
                .vertx();
        context = ((VertxInternal) vertx).createEventLoopContext();
    }

    @AfterEach
    void stop() {
        if (vertx != null) {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void bothSidesAreKeptAliveSendAtOnceAndKeepUrgentBytes(RelayTransport chosen) throws Exception {
        assumeTrue(chosen.name().equals("epoll"));
        start(chosen);
        Channel upstream = connect(listen());
        Channel downstream = accepted.poll(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        assertThat(listening.channel()).isInstanceOf(RelayServerChannel.class);
        for (Channel side : new Channel[] {upstream, downstream}) {
            assertThat(side).isInstanceOf(RelaySocketChannel.class);
            assertThat(option(side, 6, 1)).as("TCP_NODELAY").isOne();
            assertThat(option(side, 1, 9)).as("SO_KEEPALIVE").isOne();
            assertThat(option(side, 1, 10)).as("SO_OOBINLINE").isOne();
            assertThat(option(side, 6, 4)).as("TCP_KEEPIDLE").isEqualTo(30);
            assertThat(option(side, 6, 5)).as("TCP_KEEPINTVL").isEqualTo(10);
            assertThat(option(side, 6, 6)).as("TCP_KEEPCNT").isEqualTo(3);
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void neitherSideReadsUnrequested(RelayTransport chosen) throws Exception {
        start(chosen);
        Channel upstream = connect(listen());
        Channel downstream = accepted.poll(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        assertThat(upstream.config().isAutoRead()).isFalse();
        assertThat(downstream.config().isAutoRead()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void bothAddressesComeFromTheKernel(RelayTransport chosen) throws Exception {
        start(chosen);
        InetSocketAddress address = listen();
        Channel upstream = connect(address);
        Channel downstream = accepted.poll(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        assertThat(upstream.remoteAddress()).isEqualTo(address).isEqualTo(downstream.localAddress());
        assertThat(downstream.remoteAddress()).isEqualTo(upstream.localAddress());
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aTakenPortIsReported(RelayTransport chosen) throws Exception {
        start(chosen);
        try (ServerSocket taken = new ServerSocket(0, 1, LOOPBACK)) {
            assertThatThrownBy(() -> listen(taken.getLocalPort()))
                    .isInstanceOf(CompletionException.class)
                    .hasMessageContaining("Address already in use");
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aRefusedConnectIsReported(RelayTransport chosen) throws Exception {
        start(chosen);
        assertThatThrownBy(() -> connect(new InetSocketAddress(LOOPBACK, freePort())))
                .hasMessageContaining("refused");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aConnectThatIsGivenUpFailsAtOnce(RelayTransport chosen) throws Exception {
        start(chosen);
        try (ServerSocket silent = new ServerSocket(0, 1, LOOPBACK)) {
            InetSocketAddress full = (InetSocketAddress) silent.getLocalSocketAddress();
            // The accept queue has room for two.
            Channel first = connect(full);
            Channel second = connect(full);
            UpstreamSocketAddress address = new UpstreamSocketAddress(full);
            var connecting = context.nettyEventLoop()
                    .submit(() -> vertx.createNetClient().connect(address))
                    .get();
            assertThat(connecting.isComplete()).isFalse();
            context.nettyEventLoop().submit(address::close).get();
            await().until(connecting::failed);
            assertThat(connecting.cause()).isInstanceOf(ClosedChannelException.class);
            assertThat(first.isOpen() && second.isOpen()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void anotherServersChannelsAreVertxOwn(RelayTransport chosen) throws Exception {
        start(chosen);
        open(() -> vertx.createNetServer()
                .connectHandler(socket -> accepted.add(channelOf(socket)))
                .listen(0, LOOPBACK.getHostAddress())
                .map(server -> {
                    context.dispatch(
                            none -> vertx.createNetClient().connect(server.actualPort(), LOOPBACK.getHostAddress()));
                    return server;
                }));
        Channel downstream = accepted.poll(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        assertThat(downstream).isNotNull().isNotInstanceOf(RelaySocketChannel.class);
    }

    private InetSocketAddress listen() throws Exception {
        return listen(freePort());
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, LOOPBACK)) {
            return free.getLocalPort();
        }
    }

    private InetSocketAddress listen(int port) throws Exception {
        InetSocketAddress address = new InetSocketAddress(LOOPBACK, port);
        open(() -> {
            listening = transport.expect(address, () -> {});
            return vertx.createNetServer(new NetServerOptions()
                            .setHost(LOOPBACK.getHostAddress())
                            .setPort(port))
                    .connectHandler(socket -> accepted.add(channelOf(socket)))
                    .listen();
        });
        return address;
    }

    private Channel connect(InetSocketAddress address) throws Exception {
        return channelOf(open(() -> vertx.createNetClient().connect(new UpstreamSocketAddress(address))));
    }

    private static Channel channelOf(NetSocket socket) {
        return ((NetSocketInternal) socket).channelHandlerContext().channel();
    }

    private <T> T open(Callable<Future<T>> begin) throws Exception {
        return TestRelay.await(context.nettyEventLoop().submit(begin).get(TIMEOUT.toSeconds(), TimeUnit.SECONDS));
    }

    private static int option(Channel channel, int level, int number) {
        return channel.config().getOption(new IntegerUnixChannelOption("TEST_" + level + "_" + number, level, number));
    }
}
