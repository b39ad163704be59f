package link.ambassador.relay.join;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Closes connections of one link each when it is idle. When their time is up it ends the rest: by FIN where nothing waits to
 * be sent and nothing was for a while, so that no byte is lost, else by a reset. On the event loop.
 *
 * <p>An idle one is told by FIN, as a server ends a keep-alive connection. A request that races our FIN is lost, as it is
 * with any such server; what arrives behind the FIN is not relayed any more.
 */
public final class Drain implements Runnable {
    /** How long a connection is quiet before it counts as idle. */
    private static final Duration QUIET = Duration.ofSeconds(1);

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

    /** @param told the FIN was sent: there is no way back */
    private record End(long nanos, CloseReason reason, boolean told) {}

    private final EventLoop loop;
    private final Map<Join, End> draining = new LinkedHashMap<>();
    private boolean scheduled;

    public Drain(EventLoop loop) {
        this.loop = loop;
    }

    /** Begins to drain; one that is draining already keeps its end, unless the new one is earlier. */
    public void begin(Collection<Join> joins, Duration timeout, CloseReason atTheEnd) {
        End end = new End(System.nanoTime() + timeout.toNanos(), atTheEnd, false);
        joins.forEach(join -> draining.merge(join, end, Drain::earlier));
        if (!scheduled) {
            run();
        }
    }

    private static End earlier(End present, End other) {
        return present.nanos - other.nanos <= 0 ? present : new End(other.nanos, other.reason, present.told);
    }

    /** Drains it no longer, unless its downstream was told already. */
    public void spare(Join join) {
        draining.computeIfPresent(join, (spared, end) -> end.told ? end : null);
    }

    public boolean isDraining(Join join) {
        return draining.containsKey(join);
    }

    /** How many are draining. */
    public int size() {
        return draining.size();
    }

    /** It is over. */
    public void ended(Join join) {
        draining.remove(join);
    }

    /** Looks at each; called by its own timer. */
    @Override
    public void run() {
        scheduled = false;
        long now = System.nanoTime();
        // A copy: to reset one is to hear of its end.
        new ArrayList<>(draining.entrySet())
                .forEach(entry -> entry.getKey().run(() -> look(entry.getKey(), entry.getValue(), now)));
        if (!draining.isEmpty()) {
            scheduled = true;
            loop.schedule(this, BETWEEN_LOOKS.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void look(Join join, End end, long now) {
        if (end.told) {
            return;
        }
        boolean late = now - end.nanos >= 0;
        if (late && !join.isQuietFor(QUIET)) {
            join.reset(end.reason);
        } else if (late || (!join.downstream().outputEnded() && join.isIdleFor(QUIET))) {
            draining.put(join, new End(end.nanos, end.reason, true));
            join.part(late ? end.reason : CloseReason.DRAINED);
        }
    }
}
