package link.ambassador.relay.join;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * One relayed connection: a downstream that was accepted, and the upstream that is dialled for it.
 *
 * <p>Until the upstream is connected, nothing is read from the downstream: its bytes and its FIN wait in the kernel.
 * From then on each {@link Endpoint} reads, and this class decides what the end of one side means for the other.
 *
 * <p>An error in the relay ends the connection that it concerns and nothing else ({@link #internalError}). Channel
 * events, timers and table changes call a connection, and it never throws to them. After an exception from a read, Netty
 * sleeps for a second with all connections of its loop. It loses one from a timer. An {@code Error} ends the loop.
 */
public final class ProxiedConnection {
    private static final Logger LOG = Logger.getLogger(ProxiedConnection.class.getName());

    /** What a connection reports to its link; called on the event loop. */
    public interface Listener {
        /** The downstream is gone while the upstream is being dialled: cancel the dial. */
        void abandoned();

        /**
         * The upstream accepted the connection and ended it soon, before it sent a byte and while the downstream still waited. At most
         * once.
         */
        void unanswered();

        /** The upstream ended its stream, or was reset, and the downstream has ended nothing yet. */
        default void upstreamEndsFirst() {}

        /** Both channels are closed. Called once, last. */
        void ended(CloseReason reason);
    }

    /**
     * How long a side may still send after this relay sent it a FIN. The bytes are dropped, but to close over unread
     * bytes would reset the connection.
     */
    static final Duration LINGER = Duration.ofSeconds(1);

    /** An upstream that ends a connection so long after the last byte has not failed: it may only ever receive. */
    private static final Duration SOON = Duration.ofSeconds(10);

    private final Settings settings;
    private final Listener listener;
    private final Endpoint downstream;
    private final InactivityTimer inactivity;
    private Endpoint upstream;
    private CloseReason reason;
    private boolean lingering;
    private boolean awaitsAnswer = true;
    private boolean answered;
    private boolean over;

    private ProxiedConnection(Channel accepted, Settings settings, Listener listener) {
        this.settings = settings;
        this.listener = listener;
        this.inactivity = new InactivityTimer(this, settings.halfCloseTimeout(), settings.idleTimeout());
        this.downstream = Endpoint.of(this, accepted, false);
    }

    /** What the connections of one link share. */
    public record Settings(
            ByteBudget budget,
            PipePool pipes,
            LinkCounters counters,
            Duration halfCloseTimeout,
            Optional<Duration> idleTimeout) {}

    /** Takes over an accepted connection, from which nothing was read. */
    public static ProxiedConnection accept(Channel accepted, Settings settings, Listener listener) {
        ProxiedConnection connection = new ProxiedConnection(accepted, settings, listener);
        connection.downstream.attach();
        return connection;
    }

    /** Resets a connection that was accepted and is not wanted. */
    public static void refuse(Channel accepted) {
        loseUnsent(accepted);
        // Not through Vert.x' handler, which would send what is unsent first.
        accepted.unsafe().close(accepted.voidPromise());
    }

    /** Makes the next close a reset. Does nothing on a closed channel. */
    static void loseUnsent(Channel channel) {
        try {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        } catch (ChannelException closed) {
            // There is nothing left to reset.
        }
    }

    /** Runs a step of this connection. If the step throws, the connection ends and the caller sees no exception. */
    public void run(Runnable step) {
        try {
            step.run();
        } catch (Throwable e) {
            internalError(e);
        }
    }

    /** {@link #run}s the step later. */
    ScheduledFuture<?> schedule(Runnable step, long delayNanos) {
        return downstream.channel().eventLoop().schedule(() -> run(step), delayNanos, TimeUnit.NANOSECONDS);
    }

    /** Resets both sides, whatever state the error left them in, and logs the error once. */
    public void internalError(Throwable cause) {
        if (reason == CloseReason.INTERNAL_ERROR) {
            LOG.log(Level.FINE, "another error in a connection that an error has ended", cause);
            return;
        }
        String of = String.valueOf(downstream.channel().remoteAddress());
        // Even if another reason was about to end it.
        reason = CloseReason.INTERNAL_ERROR;
        run(downstream::reset);
        run(upstream == null ? listener::abandoned : upstream::reset);
        // If both sides were closed before, the error may have come from this very call.
        run(this::endpointClosed);
        LOG.log(Level.SEVERE, cause, () -> "reset the connection of " + of + " because of an error in the relay");
    }

    /**
     * The upstream is connected: bytes begin to flow.
     *
     * @param first makes what goes to the upstream before the bytes of the downstream; null if there is nothing
     */
    public void connected(Channel channel, Supplier<ByteBuf> first) {
        run(() -> begin(channel, first));
        if (upstream == null) {
            refuse(channel);
        }
    }

    private void begin(Channel channel, Supplier<ByteBuf> first) {
        if (over || downstream.isClosed()) {
            return;
        }
        upstream = Endpoint.of(this, channel, true);
        upstream.attach();
        upstream.connectTo(downstream);
        downstream.connectTo(upstream);
        inactivity.start();
        if (first != null) {
            upstream.sendLater(first.get());
        }
        upstream.passOnEarly();
        downstream.passOnEarly();
        if (first != null) {
            // What the downstream has sent by now goes along, in one packet. Nobody waits for more: the upstream may be
            // the one that speaks first.
            downstream.readAtOnce();
            upstream.flush();
        }
        upstream.readBehindEarlyReset();
        downstream.read();
        upstream.read();
    }

    /** Resets both sides now. */
    public void reset(CloseReason why) {
        run(() -> resetBoth(why));
    }

    private void resetBoth(CloseReason why) {
        because(why);
        downstream.reset();
        if (upstream != null) {
            upstream.reset();
        } else {
            listener.abandoned();
        }
    }

    /**
     * Ends a quiet connection by a lingering close: sends a FIN to both sides, reads and drops what still comes, and
     * closes both at the downstream's FIN or after {@link #LINGER}.
     */
    void lingeringClose(CloseReason why) {
        because(why);
        lingering = true;
        inactivity.stop();
        downstream.output().end();
        upstream.output().end();
        downstream.discardInput();
        closeBothLater();
    }

    /** Ends a connection that has been quiet for too long. */
    void timeOut(CloseReason why) {
        because(why);
        lingering = true;
        inactivity.stop();
        downstream.timeOut();
        upstream.timeOut();
        closeBothLater();
    }

    private void closeBothLater() {
        schedule(this::closeBoth, LINGER.toNanos());
    }

    private void closeBoth() {
        downstream.close();
        upstream.close();
    }

    /**
     * Whether a close now cuts no request, as far as a relay can know that does not know the protocol: the last bytes
     * went to the downstream, nothing waits here or in the kernel, and it has been quiet for that long.
     */
    boolean isIdleFor(Duration quiet) {
        return inactivity.lastMovedToDownstream() && isQuietFor(quiet);
    }

    /** Whether a close now loses no byte: nothing waits here or in the kernel, and it has been quiet for that long. */
    boolean isQuietFor(Duration quiet) {
        return upstream != null
                && inactivity.isQuietFor(quiet)
                && downstream.output().isFlushed()
                && upstream.output().isFlushed();
    }

    Endpoint downstream() {
        return downstream;
    }

    /** How many bytes the upstream has sent; 0 without epoll. Only once it is connected. */
    public long receivedFromUpstream() {
        return TcpInfo.receivedBytes(upstream.channel());
    }

    /** The channel that was accepted. */
    public Channel accepted() {
        return downstream.channel();
    }

    Endpoint upstream() {
        return upstream;
    }

    /** Whether there is already a reason for its end. */
    public boolean isEnding() {
        return reason != null;
    }

    /** Whether the upstream sent a byte. */
    public boolean isAnswered() {
        return answered;
    }

    ByteBudget budget() {
        return settings.budget();
    }

    PipePool pipes() {
        return settings.pipes();
    }

    void moved(boolean fromUpstream, int bytes) {
        if (fromUpstream) {
            awaitsAnswer = false;
            answered = true;
        }
        inactivity.moved(fromUpstream);
        settings.counters().moved(fromUpstream, bytes);
    }

    /** A side ended its connection, and not its stream. */
    void truncated() {
        settings.counters().truncated();
    }

    void downstreamGoneWhileConnecting() {
        because(CloseReason.DOWNSTREAM_RESET);
        downstream.close();
        listener.abandoned();
    }

    /** The stream of an endpoint ended: by FIN, or by a reset or an error, which counts as a reset. */
    void inputEnded(Endpoint endpoint, boolean failed) {
        if (upstream == null) {
            downstreamGoneWhileConnecting();
            return;
        }
        Endpoint other = endpoint == downstream ? upstream : downstream;
        if (endpoint == upstream && awaitsAnswer) {
            unanswered(failed);
        }
        if (endpoint.isUpstream() && reason == null && !downstream.inputEnded()) {
            listener.upstreamEndsFirst();
        }
        if (failed) {
            because(endpoint.isUpstream() ? CloseReason.UPSTREAM_RESET : CloseReason.DOWNSTREAM_RESET);
            endpoint.close();
            other.output().abort();
            return;
        }
        other.output().end();
        sideEnded();
    }

    private void unanswered(boolean failed) {
        awaitsAnswer = false;
        // A FIN behind the downstream's is how a connection ends that was only opened to see whether it opens.
        if (reason == null && (failed || !downstream.inputEnded()) && !inactivity.isQuietFor(SOON)) {
            listener.unanswered();
        }
    }

    /**
     * A FIN was read or sent: closes both sides when both directions are done, else limits how long half a connection
     * lives.
     */
    void sideEnded() {
        if (isDone() || (lingering && downstream.inputEnded())) {
            because(CloseReason.COMPLETED);
            closeBoth();
        } else {
            halfClosed();
        }
    }

    /** One side ended, or was reset while the other has still to take bytes from before. */
    void halfClosed() {
        if (!lingering) {
            inactivity.restart();
        }
    }

    /** Whether both directions ended. */
    boolean isDone() {
        return downstream.inputEnded()
                && downstream.output().isEnded()
                && upstream.inputEnded()
                && upstream.output().isEnded();
    }

    boolean isHalfClosed() {
        return downstream.inputEnded() || upstream.inputEnded() || downstream.isFailed() || upstream.isFailed();
    }

    void endpointClosed() {
        if (over || !downstream.isClosed() || (upstream != null && !upstream.isClosed())) {
            return;
        }
        over = true;
        inactivity.stop();
        listener.ended(reason == null ? CloseReason.DOWNSTREAM_RESET : reason);
    }

    /** Keeps the first reason, which is the cause; those that follow are its effects. */
    private void because(CloseReason why) {
        if (reason == null) {
            reason = why;
        }
    }
}
