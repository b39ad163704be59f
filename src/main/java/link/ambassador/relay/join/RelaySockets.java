package link.ambassador.relay.join;

import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Opens the sockets of a relay, of Netty's own making and not of Vert.x': a {@code NetSocket} cannot half-close, turns a reset
 * into a clean end, and costs a connection that lives for one request as much as the relaying itself. Every method is
 * called on the event loop that it is given.
 */
public abstract sealed class RelaySockets permits EpollSockets, NioSockets {
    /** Connections waiting to be accepted; the kernel lowers it to {@code net.core.somaxconn}. */
    static final int BACKLOG = 4096;

    /**
     * One read; with "one chunk in flight" it is also what a stuck peer can hold in each direction. Half of it made copying a
     * third slower: the two peers are woken for each chunk.
     */
    static final int MAX_CHUNK_BYTES = 128 * 1024;

    /** How a vanished peer is noticed on an idle connection: after 60 s (tcp(7), TCP_KEEPIDLE and the two below it). */
    static final int KEEPALIVE_IDLE_SECONDS = 30;

    static final int KEEPALIVE_INTERVAL_SECONDS = 10;
    static final int KEEPALIVE_COUNT = 3;

    /** Writable means empty: see {@link Leg}. */
    private static final WriteBufferWaterMark EMPTY = new WriteBufferWaterMark(1, 1);

    /**
     * Listens. What is accepted is registered with the loop, reads nothing yet, and is ready for {@link Join#accept}.
     *
     * @param acceptFailed told of each failure to accept
     * @return the listening channel
     */
    public final Future<Channel> listen(
            EventLoop loop, InetSocketAddress address, Consumer<Channel> accepted, Runnable acceptFailed) {
        return open(loop, () -> listener(isIpv6(address)), (channel, bound) -> {
            channel.pipeline().addLast(new Acceptor(this, loop, accepted, acceptFailed));
            channel.unsafe().bind(address, bound);
        });
    }

    /**
     * Connects. Fails with Netty's or the kernel's reason, no later than the timeout; an {@link EarlyReset} is a success.
     *
     * @param givenUp completes when nobody waits for it any more: it is closed then, if it is under way still
     */
    public final Future<Channel> connect(
            EventLoop loop, InetSocketAddress address, Duration timeout, Future<Void> givenUp) {
        return open(loop, () -> connection(isIpv6(address)), (channel, connected) -> {
            givenUp.onComplete(given -> {
                if (!connected.isDone()) {
                    channel.close();
                }
            });
            channel.config().setConnectTimeoutMillis(Math.toIntExact(timeout.toMillis()));
            channel.unsafe().connect(address, null, connected);
        });
    }

    private static <C extends Channel> Future<Channel> open(
            EventLoop loop, Supplier<C> maker, BiConsumer<C, ChannelPromise> begin) {
        C channel;
        try {
            channel = maker.get();
        } catch (RuntimeException e) {
            // Out of file descriptors, mostly.
            return Future.failedFuture(e);
        }
        Promise<Channel> opened = Promise.promise();
        ChannelPromise outcome = channel.newPromise();
        outcome.addListener(done -> {
            if (done.isSuccess() || EarlyReset.isBehind(channel)) {
                opened.complete(channel);
            } else {
                channel.close();
                opened.fail(done.cause());
            }
        });
        ChannelFuture registered = loop.register(channel);
        if (registered.isSuccess()) {
            begin.accept(channel, outcome);
        } else {
            outcome.setFailure(registered.cause());
        }
        return opened.future();
    }

    private static boolean isIpv6(InetSocketAddress address) {
        return address.getAddress() instanceof Inet6Address;
    }

    /** Not registered yet, with the options that its connections inherit. */
    abstract ServerChannel listener(boolean ipv6);

    /** Not registered yet, with its options. */
    abstract Channel connection(boolean ipv6);

    /** Sets the options of a connection that was accepted; before it is registered, since a read could happen then. */
    abstract void accepted(Channel channel);

    /** What Netty is to do, of either transport. */
    static void configure(ChannelConfig config) {
        config.setAutoRead(false);
        // A failed write ends that direction only: what the peer sent before its reset is still there to be read.
        config.setAutoClose(false);
        config.setWriteBufferWaterMark(EMPTY);
        config.setMessageSizeEstimator(PipedBytes.SIZES);
    }
}
