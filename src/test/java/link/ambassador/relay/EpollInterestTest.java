package link.ambassador.relay;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollInterest;
import io.netty.channel.epoll.RelayServerChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.Signal;
import io.netty.util.UncheckedBooleanSupplier;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the relay relies on in Netty's package-private parts, so that a bump of Netty cannot change it unseen. */
final class EpollInterestTest {
    private static final long QUIET_MILLIS = 300;

    @SuppressWarnings("StaticAssignmentOfThrowable") // A Signal has no stack trace to be wrong.
    private static final Signal EARLY_END = Signal.valueOf(EpollInterestTest.class, "EARLY_END");

    private final EventLoopGroup loops = epoll();
    private final BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();
    private final Queue<String> events = new ConcurrentLinkedQueue<>();
    private Socket peer;
    private Channel channel;

    @BeforeEach
    void connect() throws Exception {
        Channel listener = new RelayServerChannel(false, new FixedRecvByteBufAllocator(64));
        listener.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object child) {
                Channel connection = (Channel) child;
                connection.config().setAutoRead(false);
                connection.pipeline().addLast(new Recorder());
                loops.register(connection);
            }
        });
        loops.register(listener).sync();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync();
        InetSocketAddress address = (InetSocketAddress) listener.localAddress();
        peer = new Socket(address.getAddress(), address.getPort());
        channel = accepted.poll(5, TimeUnit.SECONDS);
    }

    @AfterEach
    void end() throws IOException {
        peer.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void aPausedChannelReadsNothingWhenThePeerSendsFin() throws Exception {
        send("bytes");
        peer.shutdownOutput();
        nothingHappens();

        channel.read();
        awaitEvents("bytes");
        channel.read();
        awaitEvents("bytes", "end of input");
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void anUnwatchedChannelReportsNothingAndAWatchedOneIsReadAgain() throws Exception {
        onLoop(() -> assertThat(EpollInterest.unwatch(channel)).isTrue());
        send("bytes");
        nothingHappens();

        onLoop(() -> EpollInterest.watch(channel));
        nothingHappens();
        channel.read();
        awaitEvents("bytes");
    }

    @Test
    void aResetOfAnUnwatchedChannelIsSeenWhenItIsWatched() throws Exception {
        onLoop(() -> EpollInterest.unwatch(channel));
        peer.setSoLinger(true, 0);
        peer.close();
        nothingHappens();

        onLoop(() -> EpollInterest.watch(channel));
        channel.read();
        await().untilAsserted(() -> assertThat(events).anyMatch(event -> event.startsWith("failed")));
    }

    @Test
    void aChannelThatIsWatchedAgainClosesCleanly() throws Exception {
        onLoop(() -> EpollInterest.unwatch(channel));
        onLoop(() -> {
            EpollInterest.watch(channel);
            channel.close();
        });
        assertThat(channel.closeFuture().await(5, TimeUnit.SECONDS)).isTrue();
        await().untilAsserted(() -> assertThat(events).containsExactly("closed"));
        assertThat(peer.getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void aChannelThatIsClosedWhileUnwatchedClosesItsSocket() throws Exception {
        onLoop(() -> EpollInterest.unwatch(channel));
        onLoop(() -> channel.close());
        assertThat(channel.closeFuture().await(5, TimeUnit.SECONDS)).isTrue();
        assertThat(peer.getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void theEndOfInputIsToldOnce() throws Exception {
        peer.shutdownOutput();
        channel.read();
        awaitEvents("end of input");
        channel.read();
        await().during(QUIET_MILLIS, TimeUnit.MILLISECONDS).until(() -> events.size() == 1);
    }

    @Test
    void aChannelWhoseOutputIsShutDownStillReads() throws Exception {
        onLoop(() -> ((DuplexChannel) channel).shutdownOutput());
        assertThat(peer.getInputStream().read()).isEqualTo(-1);
        send("bytes");
        channel.read();
        awaitEvents("bytes");
    }

    @Test
    void aClosedChannelIsLeftAlone() throws Exception {
        channel.close().sync();
        onLoop(() -> assertThat(EpollInterest.unwatch(channel)).isFalse());
        onLoop(() -> EpollInterest.watch(channel));
    }

    @Test
    void aReadThatEndsBeforeItHasABufferPausesTheChannelAndLeavesTheBytes() throws Exception {
        AtomicBoolean endsEarly = new AtomicBoolean(true);
        onLoop(() -> channel.config().setRecvByteBufAllocator(new EndingEarly(endsEarly)));
        send("bytes");
        channel.read();
        awaitEvents("failed: " + EARLY_END.getMessage());
        await().during(QUIET_MILLIS, TimeUnit.MILLISECONDS).until(() -> events.size() == 1);

        endsEarly.set(false);
        channel.read();
        awaitEvents("failed: " + EARLY_END.getMessage(), "bytes");
        assertThat(channel.isOpen()).isTrue();
    }

    /** As reads that go through a pipe end. */
    private final class EndingEarly extends FixedRecvByteBufAllocator {
        private final AtomicBoolean endsEarly;

        EndingEarly(AtomicBoolean endsEarly) {
            super(64);
            this.endsEarly = endsEarly;
        }

        @Override
        @SuppressWarnings("deprecation") // Netty's own way to make a handle.
        public Handle newHandle() {
            return new Early((ExtendedHandle) super.newHandle());
        }

        @SuppressWarnings("deprecation") // As above: Handle.
        private final class Early extends DelegatingHandle implements ExtendedHandle {
            Early(ExtendedHandle handle) {
                super(handle);
            }

            @Override
            public ByteBuf allocate(ByteBufAllocator allocator) {
                if (endsEarly.get()) {
                    EpollInterest.readDone(channel);
                    throw EARLY_END;
                }
                return super.allocate(allocator);
            }

            @Override
            public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
                return false;
            }
        }
    }

    private interface Action {
        void run() throws IOException;
    }

    private void onLoop(Action action) throws InterruptedException {
        channel.eventLoop()
                .submit(() -> {
                    action.run();
                    return null;
                })
                .sync();
    }

    private void send(String text) throws IOException {
        peer.getOutputStream().write(text.getBytes(ISO_8859_1));
    }

    private void nothingHappens() {
        await().during(QUIET_MILLIS, TimeUnit.MILLISECONDS).until(events::isEmpty);
    }

    private void awaitEvents(String... expected) {
        await().untilAsserted(() -> assertThat(events).containsExactly(expected));
    }

    private static EventLoopGroup epoll() {
        assumeTrue(Epoll.isAvailable());
        return new EpollEventLoopGroup(1);
    }

    private final class Recorder extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext context) {
            accepted.add(context.channel());
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            events.add(bytes.toString(ISO_8859_1));
            bytes.release();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                events.add("end of input");
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            events.add("closed");
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            events.add("failed: " + cause.getMessage());
        }
    }
}
