package link.ambassador.relay.join;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.vertx.core.Future;
import io.vertx.core.Promise;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The sockets that a relay opens on Linux, as the kernel has them. */
final class RelaySocketsTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final RelaySockets sockets = new EpollSockets();
    private final BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();
    private EventLoopGroup loops;
    private EventLoop loop;
    private Channel listening;

    @BeforeEach
    void start() {
        assumeTrue(Epoll.isAvailable());
        loops = new EpollEventLoopGroup(1);
        loop = loops.next();
    }

    @AfterEach
    void stop() {
        if (loops != null) {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    @Test
    void bothSidesAreKeptAliveSendAtOnceAndKeepUrgentBytes() throws Exception {
        Channel upstream = connect(listen());
        Channel downstream = accepted.poll(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        for (Channel side : new Channel[] {upstream, downstream}) {
            assertThat(option(side, 6, 1)).as("TCP_NODELAY").isOne();
            assertThat(option(side, 1, 9)).as("SO_KEEPALIVE").isOne();
            assertThat(option(side, 1, 10)).as("SO_OOBINLINE").isOne();
            assertThat(option(side, 6, 4)).as("TCP_KEEPIDLE").isEqualTo(30);
            assertThat(option(side, 6, 5)).as("TCP_KEEPINTVL").isEqualTo(10);
            assertThat(option(side, 6, 6)).as("TCP_KEEPCNT").isEqualTo(3);
        }
    }

    @Test
    void bothAddressesAreThoseOfTheKernel() throws Exception {
        InetSocketAddress address = listen();
        Channel upstream = connect(address);
        Channel downstream = accepted.poll(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        assertThat(upstream.remoteAddress()).isEqualTo(address).isEqualTo(downstream.localAddress());
        assertThat(downstream.remoteAddress()).isEqualTo(upstream.localAddress());
    }

    @Test
    void aTakenPortIsTold() throws Exception {
        InetSocketAddress address = listen();
        assertThatThrownBy(() -> open(() -> sockets.listen(loop, address, accepted::add, () -> {})))
                .isInstanceOf(CompletionException.class)
                .hasMessageContaining("Address already in use");
    }

    @Test
    void aRefusedConnectIsTold() throws Exception {
        InetSocketAddress address = listen();
        listening.close().sync();
        assertThatThrownBy(() -> connect(address)).hasMessageContaining("refused");
    }

    @Test
    void aConnectThatIsGivenUpIsClosedAtOnceAndOneThatSucceededIsNot() throws Exception {
        Promise<Void> givenUp = Promise.promise();
        InetSocketAddress address = listen();
        Channel connected = open(() -> sockets.connect(loop, address, TIMEOUT, givenUp.future()));
        try (ServerSocket silent = new ServerSocket(0, 1, LOOPBACK)) {
            InetSocketAddress full = (InetSocketAddress) silent.getLocalSocketAddress();
            // Its accept queue has room for two.
            Channel first = connect(full);
            Channel second = connect(full);
            var connecting = loop.submit(() -> sockets.connect(loop, full, TIMEOUT, givenUp.future()))
                    .get();
            assertThat(connecting.isComplete()).isFalse();
            loop.submit(() -> givenUp.complete()).get();
            await().until(connecting::failed);
            assertThat(connecting.cause()).isInstanceOf(ClosedChannelException.class);
            assertThat(connected.isOpen() && first.isOpen() && second.isOpen()).isTrue();
        }
    }

    private InetSocketAddress listen() throws Exception {
        listening = open(() -> sockets.listen(loop, new InetSocketAddress(LOOPBACK, 0), accepted::add, () -> {}));
        return (InetSocketAddress) listening.localAddress();
    }

    private Channel connect(InetSocketAddress address) throws Exception {
        return open(() ->
                sockets.connect(loop, address, TIMEOUT, Promise.<Void>promise().future()));
    }

    private Channel open(Callable<Future<Channel>> begin) throws Exception {
        return loop.submit(begin)
                .get(TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    private static int option(Channel channel, int level, int number) {
        return channel.config().getOption(new IntegerUnixChannelOption("TEST_" + level + "_" + number, level, number));
    }
}
