package link.ambassador.relay.dial;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import link.ambassador.config.Target;
import link.ambassador.config.WhenUnavailable;
import link.ambassador.relay.LoopbackPort;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Dials of real sockets on loopback, on both transports, with the failures that the kernel and Netty report. */
class SocketDialTest {
    private static final InetAddress FIRST = loopback(1);
    private static final InetAddress SECOND = loopback(2);

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final AtomicLong nanos = new AtomicLong();
    private final TargetHealth health = new TargetHealth(nanos::get);
    private final List<DialResult> attempts = new CopyOnWriteArrayList<>();

    static Stream<Class<? extends SocketChannel>> transports() {
        return Epoll.isAvailable()
                ? Stream.of(NioSocketChannel.class, EpollSocketChannel.class)
                : Stream.of(NioSocketChannel.class);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable resource : opened) {
            resource.close();
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aRefusedTargetGivesWayToTheNext(Class<? extends SocketChannel> transport) throws Exception {
        Target refusing = new Target("127.0.0.1", LoopbackPort.free());
        Target serving = new Target("127.0.0.1", listener(FIRST, 0).getLocalPort());
        Dial.Connected dialled = dial(transport, List.of(refusing, serving), Duration.ofSeconds(5));
        assertThat(dialled.target()).isEqualTo(serving);
        assertThat(health.lastTry(refusing).orElseThrow().result()).isEqualTo(DialResult.REFUSED);
        assertThat(health.lastTry(refusing).orElseThrow().sentence()).isEqualTo(refusing + ": connection refused");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aDeadFirstAddressCostsANameAQuarterOfASecond(Class<? extends SocketChannel> transport) throws Exception {
        int port = listener(SECOND, 0).getLocalPort();
        fill(listener(FIRST, port));
        long began = System.nanoTime();
        Dial.Connected dialled = dial(transport, List.of(new Target("twice", port)), Duration.ofSeconds(5));
        assertThat(dialled.address().getAddress()).isEqualTo(SECOND);
        assertThat(Duration.ofNanos(System.nanoTime() - began))
                .isBetween(Duration.ofMillis(249), Duration.ofMillis(900));
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aTargetThatDoesNotAnswerGivesWayAfterTheTimeout(Class<? extends SocketChannel> transport) throws Exception {
        ServerSocket dead = listener(FIRST, 0);
        fill(dead);
        Target silent = new Target("127.0.0.1", dead.getLocalPort());
        Target serving = new Target("127.0.0.2", listener(SECOND, 0).getLocalPort());
        Dial.Connected dialled = dial(transport, List.of(silent, serving), Duration.ofMillis(300));
        assertThat(dialled.target()).isEqualTo(serving);
        assertThat(health.lastTry(silent).orElseThrow().result()).isEqualTo(DialResult.TIMEOUT);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void ofManyConnectionsOneWaitsForATargetThatIsStillSilent(Class<? extends SocketChannel> transport)
            throws Exception {
        ServerSocket dead = listener(FIRST, 0);
        fill(dead);
        ServerSocket good = new ServerSocket(0, 50, SECOND);
        opened.push(good);
        List<Target> targets =
                List.of(new Target("127.0.0.1", dead.getLocalPort()), new Target("127.0.0.2", good.getLocalPort()));
        Dials shared = shared(transport);
        dial(shared, targets, Duration.ofMillis(300)).join();
        nanos.addAndGet(TargetHealth.EJECTED_NANOS);
        attempts.clear();

        List<CompletableFuture<Dial.Connected>> connections = Stream.generate(
                        () -> dial(shared, targets, Duration.ofMillis(300)))
                .limit(20)
                .toList();
        assertThat(connections)
                .allSatisfy(connection -> assertThat(connection.join().target()).isEqualTo(targets.get(1)));
        assertThat(attempts).filteredOn(DialResult.TIMEOUT::equals).hasSize(1);
        assertThat(attempts).filteredOn(DialResult.OK::equals).hasSize(20);
    }

    private Dial.Connected dial(
            Class<? extends SocketChannel> transport, List<Target> targets, Duration connectTimeout) {
        try {
            return dial(shared(transport), targets, connectTimeout).join();
        } catch (CompletionException failed) {
            throw new AssertionError(failed.getCause());
        }
    }

    private Dials shared(Class<? extends SocketChannel> transport) {
        EventLoopGroup group =
                transport.equals(NioSocketChannel.class) ? new NioEventLoopGroup(1) : new EpollEventLoopGroup(1);
        opened.push(() -> group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync());
        EventLoop loop = group.next();
        return new Dials(
                loop,
                host -> Future.succeededFuture(
                        switch (host) {
                            case "twice" -> List.of(FIRST, SECOND);
                            case "127.0.0.1" -> List.of(FIRST);
                            default -> List.of(SECOND);
                        }),
                new Sockets(loop, transport),
                health,
                address -> false,
                (target, result) -> attempts.add(result),
                change -> {});
    }

    private static CompletableFuture<Dial.Connected> dial(Dials shared, List<Target> targets, Duration connectTimeout) {
        CompletableFuture<Dial.Connected> outcome = new CompletableFuture<>();
        shared.loop().execute(() -> shared.start(targets, connectTimeout, WhenUnavailable.REFUSE)
                .outcome()
                .onComplete(done -> {
                    if (done.succeeded()) {
                        outcome.complete(done.result());
                    } else {
                        outcome.completeExceptionally(done.cause());
                    }
                }));
        return outcome.orTimeout(10, TimeUnit.SECONDS);
    }

    private ServerSocket listener(InetAddress address, int port) throws IOException {
        ServerSocket listener = new ServerSocket(port, 1, address);
        opened.push(listener);
        return listener;
    }

    /** Fills the accept queue, so that the kernel drops further SYNs like a silent host. */
    private void fill(ServerSocket listener) throws IOException {
        for (int i = 0; i < 16; i++) {
            Socket filler = new Socket();
            opened.push(filler);
            try {
                filler.connect(listener.getLocalSocketAddress(), 150);
            } catch (SocketTimeoutException full) {
                return;
            }
        }
        throw new IOException("the accept queue does not fill");
    }

    private static InetAddress loopback(int last) {
        try {
            return InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) last});
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private record Sockets(EventLoop loop, Class<? extends SocketChannel> transport) implements Connector {
        @Override
        public Future<Channel> connect(InetSocketAddress address, Connector.Attempt attempt) {
            Promise<Channel> promise = Promise.promise();
            ChannelFuture connecting = new Bootstrap()
                    .group(loop)
                    .channel(transport)
                    .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
                    .handler(new ChannelInboundHandlerAdapter())
                    .connect(address);
            var unused = connecting.addListener(done -> {
                if (done.isSuccess()) {
                    promise.complete(connecting.channel());
                } else {
                    promise.fail(done.cause());
                }
            });
            return promise.future();
        }

        @Override
        public void discard(Channel connection) {
            var unused = connection.close();
        }
    }
}
