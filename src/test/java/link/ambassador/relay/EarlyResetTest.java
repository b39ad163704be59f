package link.ambassador.relay;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.epoll.Epoll;
import io.vertx.core.impl.VertxInternal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.concurrent.Executor;
import link.ambassador.relay.join.CloseReason;
import link.ambassador.relayspec.Downstream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An upstream that sends and resets before the relay's event loop handles its connect. */
final class EarlyResetTest {
    @BeforeEach
    void epoll() {
        assumeTrue(Epoll.isAvailable());
    }

    @ParameterizedTest
    @ValueSource(strings = {"never", "always"})
    void bytesBeforeAnEarlyResetArriveAndThenTheReset(String splice) throws Exception {
        try (TestRelay relay = TestRelay.start(Map.of("AMBASSADOR_SPLICE", splice), link -> link);
                ServerSocketChannel upstream = ServerSocketChannel.open().bind(relay.target)) {
            upstream.configureBlocking(false);
            Executor loop =
                    ((VertxInternal) relay.relay.vertx()).getEventLoopGroup().next();
            loop.execute(new ResetterOnTheLoop(loop, upstream));

            try (Downstream downstream = Downstream.connect(relay.address)) {
                downstream.expectBytes("the last words");
                downstream.expectReset();
            }
            await().until(() -> relay.closed(CloseReason.UPSTREAM_RESET) == 1);
        }
    }

    /** Runs again after each task of the loop, so it finds the connect before epoll does. */
    private record ResetterOnTheLoop(Executor loop, ServerSocketChannel upstream) implements Runnable {
        @Override
        public void run() {
            try (SocketChannel accepted = upstream.accept()) {
                if (accepted == null) {
                    loop.execute(this);
                    return;
                }
                accepted.write(ByteBuffer.wrap("the last words".getBytes(ISO_8859_1)));
                accepted.setOption(StandardSocketOptions.SO_LINGER, 0);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
