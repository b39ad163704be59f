package link.ambassador.relay.join;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * One relayed connection: a downstream that was accepted, and the upstream that is dialled for it.
 *
 * <p>Until the upstream is connected nothing is read from the downstream: its bytes and its FIN wait in the kernel. From
 * then on each {@link Endpoint} reads, and the join decides what the end of one side means for the other.
 *
 * <p>An error of our own ends its pair and nothing else ({@link #internalError}). Whatever calls a pair from outside, an event
 * of a channel, a timer, a change of the table, passes on no exception: on epoll one that leaves a read makes Netty sleep for
 * a second with every connection on its loop, one that leaves a timer is lost, and an {@code Error} ends the loop.
 */
public final class ProxiedConnection {
    private static final Logger LOG = Logger.getLogger(ProxiedConnection.class.getName());

    /** What a join tells its link; called on the event loop. */
    public interface Listener {
        /** The downstream was reset while the upstream was being dialled: the dial is to be cancelled. */
        void abandoned();

        /** Both channels are closed. Called once, last. */
        void ended(CloseReason reason);
    }

    /** How long one that ends by FIN may still send, which nobody takes: closing over unread bytes would reset it. */
    static final Duration PARTING = Duration.ofSeconds(1);

    private final ByteBudget budget;
    private final PipePool pipes;
    private final LinkCounters traffic;
    private final Duration halfCloseTimeout;
    private final Optional<Duration> idleTimeout;
    private final Listener listener;
    private final Endpoint downstream;
    private Endpoint upstream;
    private long lastMovedNanos = System.nanoTime();
    private boolean lastMovedToDownstream = true;
    private ScheduledFuture<?> deadline;
    private CloseReason reason;
    private boolean parting;
    private boolean over;

    private ProxiedConnection(Channel accepted, Settings settings, Listener listener) {
        this.budget = settings.budget();
        this.pipes = settings.pipes();
        this.traffic = settings.traffic();
        this.halfCloseTimeout = settings.halfCloseTimeout();
        this.idleTimeout = settings.idleTimeout();
        this.listener = listener;
        this.downstream = Endpoint.of(this, accepted, false);
    }

    /** What joins of one link share. */
    public record Settings(
            ByteBudget budget,
            PipePool pipes,
            LinkCounters traffic,
            Duration halfCloseTimeout,
            Optional<Duration> idleTimeout) {}

    /** Takes over an accepted connection, of which nothing was read. */
    public static ProxiedConnection accept(Channel accepted, Settings settings, Listener listener) {
        ProxiedConnection join = new ProxiedConnection(accepted, settings, listener);
        join.downstream.attach();
        return join;
    }

    /** Resets a connection that was accepted and is not wanted. */
    public static void refuse(Channel accepted) {
        loseUnsent(accepted);
        // Below Vert.x' handler, which would send what is unsent first.
        accepted.unsafe().close(accepted.voidPromise());
    }

    /** Makes the close that comes next a reset; nothing on a channel that is closed. */
    static void loseUnsent(Channel channel) {
        try {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        } catch (ChannelException closed) {
            // There is nothing to reset any more.
        }
    }

    /** Does a step of this pair, whose error ends the pair and is passed on to nobody. */
    public void run(Runnable step) {
        try {
            step.run();
        } catch (Throwable e) {
            internalError(e);
        }
    }

    /** {@link #run}s it later. */
    ScheduledFuture<?> schedule(Runnable step, long delayNanos) {
        return downstream.channel().eventLoop().schedule(() -> run(step), delayNanos, TimeUnit.NANOSECONDS);
    }

    /** Resets both sides, whatever state the error left them in; told in the log, once. */
    public void internalError(Throwable cause) {
        if (reason == CloseReason.INTERNAL_ERROR) {
            LOG.log(Level.FINE, "another error of a connection that an error ended", cause);
            return;
        }
        String of = String.valueOf(downstream.channel().remoteAddress());
        // Whatever was about to end it, that is not how it ended.
        reason = CloseReason.INTERNAL_ERROR;
        run(downstream::reset);
        run(upstream == null ? listener::abandoned : upstream::reset);
        // When both were closed before, hearing of it may be what failed.
        run(this::legClosed);
        LOG.log(Level.SEVERE, cause, () -> "reset the connection of " + of + " because of an error in the relay");
    }

    /** The upstream is connected: bytes begin to flow. */
    public void connected(Channel channel) {
        run(() -> begin(channel));
        if (upstream == null) {
            refuse(channel);
        }
    }

    private void begin(Channel channel) {
        if (over || downstream.isClosed()) {
            return;
        }
        upstream = Endpoint.of(this, channel, true);
        upstream.attach();
        upstream.join(downstream);
        downstream.join(upstream);
        lastMovedNanos = System.nanoTime();
        if (idleTimeout.isPresent()) {
            armDeadline();
        }
        upstream.readBehindEarlyReset();
        downstream.read();
        upstream.read();
    }

    /** No target could be connected: a reset, not a clean end that would look like an empty answer. */
    public void connectFailed() {
        reset(CloseReason.CONNECT_FAILED);
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
     * Ends a quiet connection: FIN to both, what still comes is read and discarded, and both are closed at the
     * downstream's FIN or after {@link #PARTING}.
     */
    void part(CloseReason why) {
        because(why);
        parting = true;
        downstream.endOutput();
        upstream.endOutput();
        downstream.discardInput();
        closeBothLater();
    }

    /** Ends what was quiet for too long. */
    private void timeOut(CloseReason why) {
        because(why);
        parting = true;
        downstream.timeOut();
        upstream.timeOut();
        closeBothLater();
    }

    private void closeBothLater() {
        schedule(this::closeBoth, PARTING.toNanos());
    }

    private void closeBoth() {
        downstream.close();
        upstream.close();
    }

    /**
     * Whether closing now cuts no request that a relay without knowledge of the protocol could know of: the last bytes went
     * to the downstream, nothing waits here or in the kernel, and it has been quiet for a while.
     */
    boolean isIdleFor(Duration quiet) {
        return lastMovedToDownstream && isQuietFor(quiet);
    }

    /** Whether closing now loses no byte: nothing waits here or in the kernel, and it has been quiet for a while. */
    boolean isQuietFor(Duration quiet) {
        return upstream != null
                && System.nanoTime() - lastMovedNanos >= quiet.toNanos()
                && downstream.isFlushed()
                && upstream.isFlushed();
    }

    Endpoint downstream() {
        return downstream;
    }

    /** Whether something has happened that ends it. */
    public boolean isEnding() {
        return reason != null;
    }

    boolean isOver() {
        return over;
    }

    ByteBudget budget() {
        return budget;
    }

    PipePool pipes() {
        return pipes;
    }

    void moved(boolean fromUpstream, int bytes) {
        lastMovedNanos = System.nanoTime();
        lastMovedToDownstream = fromUpstream;
        traffic.moved(fromUpstream, bytes);
    }

    void downstreamGoneWhileConnecting() {
        because(CloseReason.DOWNSTREAM_RESET);
        downstream.close();
        listener.abandoned();
    }

    /** A leg's stream ended: by FIN, or by a reset or an error that is passed on as one. */
    void inputEnded(Endpoint leg, boolean failed) {
        if (upstream == null) {
            downstreamGoneWhileConnecting();
            return;
        }
        Endpoint other = leg == downstream ? upstream : downstream;
        if (failed) {
            because(leg.isUpstream() ? CloseReason.UPSTREAM_RESET : CloseReason.DOWNSTREAM_RESET);
            leg.close();
            other.abort();
            return;
        }
        other.endOutput();
        sideEnded();
    }

    /** A FIN was read or sent: closes both when both directions are done, and bounds how long half a connection lives. */
    void sideEnded() {
        if (isDone() || (parting && downstream.inputEnded())) {
            because(CloseReason.COMPLETED);
            closeBoth();
        } else {
            armDeadline();
        }
    }

    /** Whether both directions ended. */
    boolean isDone() {
        return downstream.inputEnded() && downstream.outputEnded() && upstream.inputEnded() && upstream.outputEnded();
    }

    /** A leg was reset and the bytes from before it still wait for the other: half a connection from now on. */
    void brokenOff() {
        armDeadline();
    }

    void legClosed() {
        if (over || !downstream.isClosed() || (upstream != null && !upstream.isClosed())) {
            return;
        }
        over = true;
        if (deadline != null) {
            deadline.cancel(false);
        }
        listener.ended(reason == null ? CloseReason.DOWNSTREAM_RESET : reason);
    }

    /** The first reason is the cause; what follows are its effects. */
    void because(CloseReason why) {
        if (reason == null) {
            reason = why;
        }
    }

    private boolean isHalfClosed() {
        return downstream.inputEnded() || upstream.inputEnded() || downstream.isFailed() || upstream.isFailed();
    }

    /** Whether halfCloseTimeout is the bound now: idleTimeout goes on for half a connection, if it is the shorter. */
    private boolean isBoundByHalfClose() {
        return idleTimeout.isEmpty() || (isHalfClosed() && halfCloseTimeout.compareTo(idleTimeout.get()) < 0);
    }

    private Duration quietAllowed() {
        return isBoundByHalfClose() ? halfCloseTimeout : idleTimeout.orElseThrow();
    }

    /** One timer for a connection, looked at again when it fires: a timer for each read would cost more than the read. */
    private void armDeadline() {
        if (deadline != null) {
            deadline.cancel(false);
        }
        if (parting) {
            return;
        }
        long remaining = quietAllowed().toNanos() - (System.nanoTime() - lastMovedNanos);
        deadline = schedule(this::deadlinePassed, Math.max(remaining, 1));
    }

    private void deadlinePassed() {
        if (isQuietForTooLong()) {
            acknowledged(downstream.sinceAcknowledged());
            acknowledged(upstream.sinceAcknowledged());
        }
        if (isQuietForTooLong()) {
            timeOut(isBoundByHalfClose() ? CloseReason.HALF_CLOSE_TIMEOUT : CloseReason.IDLE_TIMEOUT);
        } else {
            armDeadline();
        }
    }

    private boolean isQuietForTooLong() {
        return System.nanoTime() - lastMovedNanos >= quietAllowed().toNanos();
    }

    /** Bytes that a peer acknowledges move, although none is read here: a slow reader is not idle. */
    private void acknowledged(Duration ago) {
        if (ago.compareTo(quietAllowed()) < 0) {
            long nanos = System.nanoTime() - ago.toNanos();
            lastMovedNanos = nanos - lastMovedNanos > 0 ? nanos : lastMovedNanos;
        }
    }
}
