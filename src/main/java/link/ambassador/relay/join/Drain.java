package link.ambassador.relay.join;

import io.netty.channel.EventLoop;
import java.time.Duration;
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
public final class Drain {
    /** How long a connection is quiet before it counts as idle. */
    private static final Duration QUIET = Duration.ofSeconds(1);

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

    /** @param told the FIN was sent: there is no way back */
    private record End(long nanos, CloseReason reason, boolean told) {}

    private final EventLoop loop;
    private final Turns turns;
    private final Map<ProxiedConnection, End> draining = new LinkedHashMap<>();
    private boolean scheduled;

    public Drain(EventLoop loop, Turns turns) {
        this.loop = loop;
        this.turns = turns;
    }

    /** Begins to drain it; one that is draining already keeps its end, unless the new one is earlier. */
    public void begin(ProxiedConnection join, long endNanos, CloseReason atTheEnd) {
        draining.merge(join, new End(endNanos, atTheEnd, false), Drain::earlier);
        join.run(() -> look(join));
        lookLater();
    }

    private static End earlier(End present, End other) {
        return present.nanos - other.nanos <= 0 ? present : new End(other.nanos, other.reason, present.told);
    }

    /** Drains it no longer, unless its downstream was told already. */
    public void spare(ProxiedConnection join) {
        draining.computeIfPresent(join, (spared, end) -> end.told ? end : null);
    }

    /** How many are draining. */
    public int size() {
        return draining.size();
    }

    /** It is over. */
    public void ended(ProxiedConnection join) {
        draining.remove(join);
    }

    private void lookLater() {
        if (!scheduled && !draining.isEmpty()) {
            scheduled = true;
            loop.schedule(this::lookAtEach, BETWEEN_LOOKS.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void lookAtEach() {
        turns.each(draining.keySet(), join -> join.run(() -> look(join))).onComplete(looked -> {
            scheduled = false;
            lookLater();
        });
    }

    private void look(ProxiedConnection join) {
        End end = draining.get(join);
        if (end == null || end.told) {
            return;
        }
        boolean late = System.nanoTime() - end.nanos >= 0;
        if (late && !join.isQuietFor(QUIET)) {
            join.reset(end.reason);
        } else if (late || (!join.downstream().outputEnded() && join.isIdleFor(QUIET))) {
            draining.put(join, new End(end.nanos, end.reason, true));
            join.part(late ? end.reason : CloseReason.DRAINED);
        }
    }
}
