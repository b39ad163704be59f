package link.ambassador.relay.join;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Resets a leg once the bytes that were read before the reset have left: lingering for 0 seconds throws away what is still
 * in the kernel's send queue, which a peer connected directly could have read.
 *
 * <p>Waits as long as the peer goes on reading, and gives up when nothing was acknowledged for {@link #PATIENCE}.
 */
final class ResetAfterFlush {
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    /** Without epoll the send queue cannot be asked; the local case needs no more than the loop's next turns. */
    private static final Duration UNKNOWN_PATIENCE = Duration.ofMillis(100);

    private static final Duration FIRST_LOOK = Duration.ofMillis(1);
    private static final Duration LONGEST_BETWEEN_LOOKS = Duration.ofMillis(50);

    private final Endpoint leg;
    private long nextLookMillis = FIRST_LOOK.toMillis();
    private long acknowledgedBytes = -1;
    private long lastProgressNanos = System.nanoTime();

    private ResetAfterFlush(Endpoint leg) {
        this.leg = leg;
    }

    static void start(Endpoint leg) {
        new ResetAfterFlush(leg).look();
    }

    private void look() {
        if (leg.isClosed()) {
            return;
        }
        TcpInfo queue = TcpInfo.of(leg.channel());
        boolean flushed = leg.channel().isWritable();
        long now = System.nanoTime();
        if (queue.acknowledgedBytes() != acknowledgedBytes) {
            acknowledgedBytes = queue.acknowledgedBytes();
            lastProgressNanos = now;
        }
        Duration patience = queue.known() || !flushed ? PATIENCE : UNKNOWN_PATIENCE;
        if ((flushed && queue.known() && queue.empty()) || now - lastProgressNanos > patience.toNanos()) {
            leg.reset();
            return;
        }
        leg.join.schedule(this::look, TimeUnit.MILLISECONDS.toNanos(nextLookMillis));
        nextLookMillis = Math.min(nextLookMillis * 2, LONGEST_BETWEEN_LOOKS.toMillis());
    }
}
