package link.ambassador.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ServerChannel;
import io.netty.channel.SingleThreadEventLoop;
import io.netty.channel.epoll.Epoll;
import io.vertx.core.impl.VertxInternal;
import java.io.IOException;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import link.ambassador.relay.join.CloseReason;
import link.ambassador.relay.proxy.LinkSnapshot;
import link.ambassador.relay.watch.ExpectedWarning;
import link.ambassador.relayspec.Pair;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A connection with an error that no peer caused: the allocation of the buffer for its waiting bytes fails. */
final class InternalErrorTest {
    private static final byte[] MORE_THAN_A_KERNEL_HOLDS = new byte[64 << 20];

    /** Both kinds: after an exception Netty's loop would sleep for a second, and after an error it would end. */
    private enum Failure {
        EXCEPTION {
            @Override
            ByteBuf newBuffer() {
                throw new IllegalStateException("no buffer for this test");
            }
        },
        ERROR {
            @Override
            ByteBuf newBuffer() {
                throw new OutOfMemoryError("no memory for this test");
            }
        };

        abstract ByteBuf newBuffer();
    }

    @ParameterizedTest
    @CsvSource({"epoll,EXCEPTION", "epoll,ERROR", "nio,EXCEPTION", "nio,ERROR"})
    @ExpectedWarning("reset the connection of /127.0.0.1:\\d+ because of an error in the relay")
    void anErrorInAConnectionEndsThatConnectionOnly(String transport, Failure failure) throws Exception {
        assumeTrue(transport.equals("nio") || Epoll.isAvailable());
        try (TestRelay relay = TestRelay.start(
                Map.of("AMBASSADOR_TRANSPORT", transport, "AMBASSADOR_SPLICE", "never"), link -> link)) {
            Pair broken = relay.wire.open();
            await().until(() -> relay.see(LinkSnapshot::openByTarget).size() == 1);
            haveNoBuffers(relay, failure);
            Pair other = relay.wire.open();

            Future<Void> sending = relay.wire.sendMeanwhile(broken.upstream(), MORE_THAN_A_KERNEL_HOLDS);
            assertThatThrownBy(() -> sending.get(30, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasRootCauseInstanceOf(IOException.class);

            await().until(() ->
                    relay.see(link -> link.counters().closedByReason()).equals(Map.of(CloseReason.INTERNAL_ERROR, 1L)));
            broken.downstream().expectSendingToFail();
            assertThat(relay.open()).isEqualTo(1);
            assertThat(relay.heldBytes()).isZero();
            other.downstream().send("ping");
            other.upstream().expectBytes("ping");
        }
    }

    /** Of the connections that are open now. */
    private static void haveNoBuffers(TestRelay relay, Failure failure) {
        SingleThreadEventLoop loop = (SingleThreadEventLoop)
                ((VertxInternal) relay.relay.vertx()).getEventLoopGroup().next();
        TestRelay.await(relay.relay.inspect(() -> {
            Iterator<Channel> channels = loop.registeredChannelsIterator();
            while (channels.hasNext()) {
                Channel channel = channels.next();
                if (!(channel instanceof ServerChannel)) {
                    channel.config().setAllocator(new NoBuffers(failure));
                }
            }
            return null;
        }));
    }

    private static final class NoBuffers extends AbstractByteBufAllocator {
        private final Failure failure;

        NoBuffers(Failure failure) {
            super(true);
            this.failure = failure;
        }

        @Override
        public boolean isDirectBufferPooled() {
            return true;
        }

        @Override
        protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
            return failure.newBuffer();
        }

        @Override
        protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
            return failure.newBuffer();
        }
    }
}
