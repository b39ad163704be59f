package link.ambassador.relay.proxyprotocol;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import link.ambassador.config.DownstreamProxyProtocol;
import link.ambassador.relay.join.FirstBytes;

/**
 * Receives the header of an accepted connection. The relay does not look whether there is one: the specification forbids to guess
 * (section 2.5), because then anybody could send one.
 */
public final class ReceivedHeader implements FirstBytes.Reader {
    /** From the accept to the end of the header. */
    public static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final Promise<Channel> done = Promise.promise();
    private final HeaderReader header = new HeaderReader();
    private final Channel accepted;
    private ScheduledFuture<?> timeout;

    private ReceivedHeader(Channel accepted) {
        this.accepted = accepted;
    }

    /**
     * Reads it, from a connection from which nothing was read.
     *
     * @return the channel, with {@link Consumer#TOLD} if the header told one; or {@link BadHeaderException}, and the caller closes
     *     the channel
     */
    public static Future<Channel> of(Channel accepted, DownstreamProxyProtocol wanted) {
        // The address of a connection that is closed already is not known.
        if (!(accepted.remoteAddress() instanceof InetSocketAddress peer)) {
            return Future.failedFuture(new BadHeaderException("ended the connection before a PROXY protocol header"));
        }
        if (!wanted.trusts(peer.getAddress())) {
            return Future.failedFuture(new BadHeaderException("is not in trustedSources"));
        }
        ReceivedHeader received = new ReceivedHeader(accepted);
        received.begin();
        return received.done.future();
    }

    private void begin() {
        try {
            FirstBytes.read(accepted, this);
        } catch (IOException e) {
            ended();
        }
        // Mostly it has come together with the connection.
        if (!done.future().isComplete()) {
            timeout = accepted.eventLoop()
                    .schedule(
                            () -> fail(new BadHeaderException(
                                    "sent no whole PROXY protocol header within " + TIMEOUT.toSeconds() + " s")),
                            TIMEOUT.toNanos(),
                            TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public int missing() {
        return done.future().isComplete() ? 0 : header.missing();
    }

    @Override
    public void received(ByteBuf bytes) {
        try {
            header.take(bytes);
        } catch (BadHeaderException e) {
            fail(e);
            return;
        }
        if (header.missing() == 0) {
            header.consumer().ifPresent(told -> accepted.attr(Consumer.TOLD).set(told));
            stopTimer();
            done.tryComplete(accepted);
        }
    }

    @Override
    public void ended() {
        fail(new BadHeaderException("ended the connection before the end of the PROXY protocol header"));
    }

    private void fail(BadHeaderException why) {
        stopTimer();
        done.tryFail(why);
    }

    private void stopTimer() {
        if (timeout != null) {
            timeout.cancel(false);
        }
    }
}
