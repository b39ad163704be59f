package link.ambassador.relay;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.ReceiveBuffer;
import io.netty.channel.epoll.RelayServerChannel;
import io.netty.channel.epoll.RelaySocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The behaviour of the channel, and of Netty's package-private parts that it uses, which a new version of Netty could
 * change.
 */
final class RelaySocketChannelTest {
    private static final long QUIET_MILLIS = 300;
    private static final int CHUNK_BYTES = 64;

    private final EventLoopGroup loops = epoll();
    private final BlockingQueue<RelaySocketChannel> accepted = new LinkedBlockingQueue<>();
    private final Queue<String> events = new ConcurrentLinkedQueue<>();
    private Socket peer;
    private RelaySocketChannel channel;

    @BeforeEach
    void connect() throws Exception {
        RelayServerChannel listener = new RelayServerChannel(false, new ReceiveBuffer(CHUNK_BYTES));
        listener.pipeline().addLast(new Acceptor());
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

        read();
        awaitEvents("bytes");
        read();
        awaitEvents("bytes", "end of input");
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void aRequestIsForOneRead() throws Exception {
        send("bytes");
        read();
        awaitEvents("bytes");
        send("more");
        await().during(QUIET_MILLIS, TimeUnit.MILLISECONDS).until(() -> events.size() == 1);
        read();
        awaitEvents("bytes", "more");
    }

    @Test
    void theEndOfInputIsReportedOnceForEachRead() throws Exception {
        peer.shutdownOutput();
        read();
        awaitEvents("end of input");
        await().during(QUIET_MILLIS, TimeUnit.MILLISECONDS).until(() -> events.size() == 1);
    }

    @Test
    void receivedBytesAreSentFromTheReceiveBuffer() throws Exception {
        send("bytes");
        read();
        awaitEvents("bytes");
        onLoop(() -> assertThat(channel.sendReceived(3)).isEqualTo(3));
        assertThat(peer.getInputStream().readNBytes(3)).isEqualTo("byt".getBytes(ISO_8859_1));
    }

    @Test
    void aChannelWhoseOutputIsShutDownStillReads() throws Exception {
        onLoop(() -> channel.shutdownOutput());
        assertThat(peer.getInputStream().read()).isEqualTo(-1);
        send("bytes");
        read();
        awaitEvents("bytes");
    }

    @Test
    void anUnwatchedChannelReportsNothingUntilItIsReadAgain() throws Exception {
        onLoop(() -> channel.unwatch());
        send("bytes");
        nothingHappens();

        read();
        awaitEvents("bytes");
    }

    @Test
    void aResetOfAnUnwatchedChannelIsSeenWhenItIsReadAgain() throws Exception {
        onLoop(() -> channel.unwatch());
        peer.setSoLinger(true, 0);
        peer.close();
        nothingHappens();

        read();
        await().untilAsserted(() -> assertThat(events).anyMatch(event -> event.startsWith("failed")));
    }

    @Test
    void aResetIsReportedWithoutARequest() throws Exception {
        peer.setSoLinger(true, 0);
        peer.close();
        await().untilAsserted(() -> assertThat(events).anyMatch(event -> event.startsWith("failed")));
    }

    @Test
    void aChannelThatIsReadAgainClosesCleanly() throws Exception {
        onLoop(() -> channel.unwatch());
        onLoop(() -> {
            channel.requestRead();
            channel.close();
        });
        assertThat(channel.closeFuture().await(5, TimeUnit.SECONDS)).isTrue();
        await().untilAsserted(() -> assertThat(events).containsExactly("closed"));
        assertThat(peer.getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void aChannelThatIsClosedWhileUnwatchedClosesItsSocket() throws Exception {
        onLoop(() -> channel.unwatch());
        onLoop(() -> channel.close());
        assertThat(channel.closeFuture().await(5, TimeUnit.SECONDS)).isTrue();
        assertThat(peer.getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void aClosedChannelIsLeftAlone() throws Exception {
        channel.close().sync();
        onLoop(() -> channel.unwatch());
        onLoop(() -> channel.requestRead());
    }

    /** A new socket gets the descriptor of a closed one before Netty has removed the closed one. */
    @Test
    void aSocketThatGetsTheDescriptorOfAClosedOneGetsItsEvents() throws Exception {
        Socket[] next = new Socket[1];
        int sameNumber = 0;
        for (int i = 0; i < 50; i++) {
            RelaySocketChannel old = channel;
            onLoop(() -> {
                // The kernel completes the handshake; the loop accepts after this task.
                next[0] = new Socket(peer.getInetAddress(), peer.getPort());
                old.close();
            });
            channel = accepted.poll(5, TimeUnit.SECONDS);
            sameNumber += channel.fd().intValue() == old.fd().intValue() ? 1 : 0;
            peer.close();
            peer = next[0];
            events.clear();
            send("bytes");
            read();
            await().untilAsserted(() -> assertThat(events).contains("bytes"));
        }
        // Other tests in this process open files too.
        assertThat(sameNumber).isPositive();
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

    private void read() throws InterruptedException {
        onLoop(() -> channel.requestRead());
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

    private final class Acceptor extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            RelaySocketChannel connection = (RelaySocketChannel) message;
            connection.config().setAutoRead(false);
            connection.input(() -> events.add(received(connection)));
            connection.closeFuture().addListener(closed -> events.add("closed"));
            loops.register(connection);
            accepted.add(connection);
        }
    }

    private static String received(RelaySocketChannel connection) {
        try {
            int bytes = connection.receive(CHUNK_BYTES);
            if (bytes < 0) {
                return "end of input";
            }
            ByteBuf copy = connection.copyOfReceived(0, bytes);
            String text = copy.toString(ISO_8859_1);
            copy.release();
            return text;
        } catch (IOException e) {
            return "failed: " + e.getMessage();
        }
    }
}
