package link.ambassador.relay.join;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import link.ambassador.relay.watch.ExpectedWarning;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two connections on one loop, each with a link that throws when its dial is cancelled. */
@ExpectedWarning("reset the connection of /127.0.0.1:\\d+ because of an error in the relay")
final class ProxiedConnectionErrorTest {
    private final List<ProxiedConnection> connections = new CopyOnWriteArrayList<>();
    private final Map<Integer, CloseReason> endedByNumber = new ConcurrentHashMap<>();
    private final Collection<Socket> downstreams = new ArrayList<>();
    private EventLoopGroup loops;
    private EventLoop loop;

    @BeforeEach
    void open() throws Exception {
        loops = new NioEventLoopGroup(1);
        loop = loops.next();
        InetSocketAddress address = LoopbackListener.open(new NioSockets(), loop, this::accepted);
        for (int i = 0; i < 2; i++) {
            downstreams.add(new Socket(address.getAddress(), address.getPort()));
        }
        await().until(() -> connections.size() == 2);
    }

    @AfterEach
    void close() throws Exception {
        for (Socket downstream : downstreams) {
            downstream.close();
        }
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private void accepted(Channel channel) {
        int number = connections.size();
        connections.add(LoopbackListener.relay(channel, new ProxiedConnection.Listener() {
            @Override
            public void abandoned() {
                if (number == 0) {
                    throw new IllegalStateException("of the first, for this test");
                }
            }

            @Override
            public void unanswered() {}

            @Override
            public void ended(CloseReason reason) {
                endedByNumber.merge(number, reason, (one, other) -> {
                    throw new AssertionError("ended twice");
                });
            }
        }));
    }

    @Test
    void anErrorOfADrainingConnectionDoesNotEndTheDrain() {
        firstFailsAndSecondEndsBy(CloseReason.SHUTDOWN, both -> {
            Drain drain = new Drain(loop, new Turns(loop));
            long endNanos = System.nanoTime() + Duration.ofMillis(10).toNanos();
            both.forEach(connection -> drain.begin(connection, endNanos, CloseReason.SHUTDOWN));
        });
    }

    @Test
    void anErrorOfOneResetDoesNotStopTheOthers() {
        firstFailsAndSecondEndsBy(
                CloseReason.RETARGETED, both -> both.forEach(connection -> connection.reset(CloseReason.RETARGETED)));
    }

    @Test
    void anErrorInATimerEndsItsConnection() {
        firstFailsAndSecondEndsBy(
                CloseReason.IDLE_TIMEOUT,
                both -> both.forEach(
                        connection -> connection.schedule(() -> connection.reset(CloseReason.IDLE_TIMEOUT), 1)));
    }

    private void firstFailsAndSecondEndsBy(CloseReason reason, Consumer<List<ProxiedConnection>> act) {
        loop.execute(() -> act.accept(List.copyOf(connections)));
        await().until(() -> endedByNumber.size() == 2);
        assertThat(endedByNumber).isEqualTo(Map.of(0, CloseReason.INTERNAL_ERROR, 1, reason));
    }
}
