package link.ambassador.relay.join;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Resets an endpoint once the bytes that were read before the reset have left. A close with SO_LINGER 0 drops what is
 * still in the kernel's send queue, which a directly connected peer could have read.
 *
 * <p>It waits as long as the remote side reads, and gives up when nothing was acknowledged for {@link #PATIENCE}.
 */
final class ResetAfterFlush {
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    /** Without epoll the length of the send queue is unknown; a local peer needs no more than the loop's next turns. */
    private static final Duration UNKNOWN_PATIENCE = Duration.ofMillis(100);

    private static final Duration FIRST_CHECK = Duration.ofMillis(1);
    private static final Duration MAX_BETWEEN_CHECKS = Duration.ofMillis(50);

    private final Endpoint endpoint;
    private long nextCheckMillis = FIRST_CHECK.toMillis();
    private long acknowledgedBytes = -1;
    private long lastProgressNanos = System.nanoTime();

    private ResetAfterFlush(Endpoint endpoint) {
        this.endpoint = endpoint;
    }

    static void start(Endpoint endpoint) {
        new ResetAfterFlush(endpoint).check();
    }

    private void check() {
        if (endpoint.isClosed()) {
            return;
        }
        TcpInfo info = TcpInfo.of(endpoint.channel());
        boolean flushed = endpoint.channel().isWritable();
        long now = System.nanoTime();
        if (info.acknowledgedBytes() != acknowledgedBytes) {
            acknowledgedBytes = info.acknowledgedBytes();
            lastProgressNanos = now;
        }
        Duration patience = info.known() || !flushed ? PATIENCE : UNKNOWN_PATIENCE;
        if ((flushed && info.known() && info.empty()) || now - lastProgressNanos > patience.toNanos()) {
            endpoint.reset();
            return;
        }
        endpoint.connection.schedule(this::check, TimeUnit.MILLISECONDS.toNanos(nextCheckMillis));
        nextCheckMillis = Math.min(nextCheckMillis * 2, MAX_BETWEEN_CHECKS.toMillis());
    }
}
