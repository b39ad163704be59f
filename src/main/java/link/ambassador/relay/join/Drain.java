package link.ambassador.relay.join;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Closes connections each when it is idle, and resets the rest when the time is up.
 *
 * <p>An idle one is told by FIN, as a server ends a keep-alive connection. A request that races our FIN is lost, as it is
 * with any such server; what arrives behind the FIN is not relayed any more.
 */
public final class Drain implements Runnable {
    /** How long a connection is quiet before it counts as idle, and how long the downstream has to answer our FIN. */
    private static final Duration QUIET = Duration.ofSeconds(1);

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

    private final EventLoop loop;
    private final List<Join> joins;
    private final long endNanos;
    private final CloseReason atTheEnd;

    private Drain(EventLoop loop, Collection<Join> joins, Duration timeout, CloseReason atTheEnd) {
        this.loop = loop;
        this.joins = new ArrayList<>(joins);
        this.endNanos = System.nanoTime() + timeout.toNanos();
        this.atTheEnd = atTheEnd;
    }

    /** Starts draining; on the event loop. */
    public static void start(EventLoop loop, Collection<Join> joins, Duration timeout, CloseReason atTheEnd) {
        new Drain(loop, joins, timeout, atTheEnd).run();
    }

    @Override
    public void run() {
        joins.removeIf(Join::isOver);
        if (System.nanoTime() - endNanos >= 0) {
            joins.forEach(join -> join.reset(atTheEnd));
            return;
        }
        for (Join join : joins) {
            if (join.isIdleFor(QUIET)) {
                part(join);
            }
        }
        if (!joins.isEmpty()) {
            loop.schedule(this, BETWEEN_LOOKS.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void part(Join join) {
        if (join.downstream().outputEnded()) {
            return;
        }
        join.because(CloseReason.DRAINED);
        join.downstream().endOutput();
        join.upstream().ifPresent(Leg::endOutput);
        join.downstream().discardInput();
        loop.schedule(
                () -> {
                    if (!join.isOver()) {
                        join.downstream().close();
                        join.upstream().ifPresent(Leg::close);
                    }
                },
                QUIET.toMillis(),
                TimeUnit.MILLISECONDS);
    }
}
