package link.ambassador.relay.join;

import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.Optional;

/**
 * Knows how long a connection has been quiet, and ends it when that is too long: after idleTimeout, or after
 * halfCloseTimeout once one side has ended.
 *
 * <p>There is one timer for a connection. It checks the time of the last byte when it fires, because a timer for each
 * read would cost more than the read.
 */
final class InactivityTimer {
    private final ProxiedConnection connection;
    private final Duration halfCloseTimeout;
    private final Optional<Duration> idleTimeout;
    private long lastMovedNanos = System.nanoTime();
    private boolean lastMovedToDownstream = true;
    private ScheduledFuture<?> timer;

    InactivityTimer(ProxiedConnection connection, Duration halfCloseTimeout, Optional<Duration> idleTimeout) {
        this.connection = connection;
        this.halfCloseTimeout = halfCloseTimeout;
        this.idleTimeout = idleTimeout;
    }

    /** Both sides are connected. */
    void start() {
        lastMovedNanos = System.nanoTime();
        if (idleTimeout.isPresent()) {
            restart();
        }
    }

    /** Bytes were read. */
    void moved(boolean fromUpstream) {
        lastMovedNanos = System.nanoTime();
        lastMovedToDownstream = fromUpstream;
    }

    boolean lastMovedToDownstream() {
        return lastMovedToDownstream;
    }

    boolean isQuietFor(Duration quiet) {
        return System.nanoTime() - lastMovedNanos >= quiet.toNanos();
    }

    /** Which timeout holds may have changed, because a side ended. */
    void restart() {
        stop();
        long left = allowed().toNanos() - (System.nanoTime() - lastMovedNanos);
        timer = connection.schedule(this::check, Math.max(left, 1));
    }

    void stop() {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    private void check() {
        if (isQuietFor(allowed())) {
            acknowledged(connection.downstream());
            acknowledged(connection.upstream());
        }
        if (isQuietFor(allowed())) {
            connection.timeOut(isBoundByHalfClose() ? CloseReason.HALF_CLOSE_TIMEOUT : CloseReason.IDLE_TIMEOUT);
        } else {
            restart();
        }
    }

    /** Bytes that a peer acknowledges move, even if none is read here: a slow reader is not idle. */
    private void acknowledged(Endpoint endpoint) {
        Duration ago = endpoint.output().sinceAcknowledged();
        if (ago.compareTo(allowed()) < 0) {
            long nanos = System.nanoTime() - ago.toNanos();
            lastMovedNanos = nanos - lastMovedNanos > 0 ? nanos : lastMovedNanos;
        }
    }

    private Duration allowed() {
        return isBoundByHalfClose() ? halfCloseTimeout : idleTimeout.orElseThrow();
    }

    /** A half-closed connection is still bound by idleTimeout, if that is shorter. */
    private boolean isBoundByHalfClose() {
        return idleTimeout.isEmpty()
                || (connection.isHalfClosed() && halfCloseTimeout.compareTo(idleTimeout.get()) < 0);
    }
}
