package link.ambassador.relay.join;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollEventLoopGroup;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An event that was not requested, on a downstream whose upstream is being dialled. */
final class EpollEndpointTest {
    private final AtomicReference<ProxiedConnection> connection = new AtomicReference<>();
    private final AtomicReference<CloseReason> ended = new AtomicReference<>();
    private EventLoopGroup loops;
    private EventLoop loop;
    private Socket downstream;

    @BeforeEach
    void accept() throws Exception {
        assumeTrue(Epoll.isAvailable());
        loops = new EpollEventLoopGroup(1);
        loop = loops.next();
        InetSocketAddress address = LoopbackListener.open(new EpollSockets(), loop, this::accepted);
        downstream = new Socket(address.getAddress(), address.getPort());
        downstream.getOutputStream().write(new byte[100]);
        await().until(() -> connection.get() != null);
        Channel accepted = connection.get().downstream().channel();
        await().until(() -> onLoop(() -> TcpInfo.receivedBytes(accepted)) == 100);
    }

    @AfterEach
    void end() throws Exception {
        if (loops != null) {
            downstream.close();
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    private void accepted(Channel channel) {
        connection.set(LoopbackListener.relay(channel, new ProxiedConnection.Listener() {
            @Override
            public void abandoned() {}

            @Override
            public void unanswered() {}

            @Override
            public void ended(CloseReason reason) {
                ended.set(reason);
            }
        }));
    }

    @Test
    void anEventForAnEarlierSocketOfTheDescriptorReadsNothing() throws Exception {
        EpollEndpoint endpoint = (EpollEndpoint) connection.get().downstream();
        onLoop(() -> {
            endpoint.readable();
            return null;
        });
        assertThat(endpoint.isClosed()).isFalse();
        assertThat(ended.get()).isNull();
    }

    @Test
    void aResetBehindBytesEndsIt() throws Exception {
        downstream.setSoLinger(true, 0);
        downstream.close();
        await().untilAsserted(() -> assertThat(ended.get()).isEqualTo(CloseReason.DOWNSTREAM_RESET));
    }

    private <T> T onLoop(Callable<T> task) throws Exception {
        return loop.submit(task).get(10, TimeUnit.SECONDS);
    }
}
