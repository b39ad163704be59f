package link.ambassador.relay.join;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Drains connections of one link: closes each when it is idle. When the time of a connection is up, it ends by FIN if
 * it is quiet and nothing waits to be sent, so that no byte is lost. Otherwise it ends by a reset. On the event loop.
 *
 * <p>An idle connection ends by FIN, as a server ends a keep-alive connection. A request that crosses this FIN is lost,
 * as it is with any such server: what arrives behind the FIN is not relayed.
 */
public final class Drain {
    /** How long a connection is quiet before it counts as idle. */
    private static final Duration QUIET = Duration.ofSeconds(1);

    private static final Duration BETWEEN_CHECKS = Duration.ofMillis(100);

    /** @param finSent there is no way back */
    private record End(long nanos, CloseReason reason, boolean finSent) {}

    private final EventLoop loop;
    private final Turns turns;
    private final Map<ProxiedConnection, End> draining = new LinkedHashMap<>();
    private boolean scheduled;

    public Drain(EventLoop loop, Turns turns) {
        this.loop = loop;
        this.turns = turns;
    }

    /**
     * Begins to drain a connection. One that is draining already keeps its end, unless the new one is earlier.
     *
     * @param atTheEnd the reason, if it is not idle before {@code endNanos}
     */
    public void begin(ProxiedConnection connection, long endNanos, CloseReason atTheEnd) {
        draining.merge(connection, new End(endNanos, atTheEnd, false), Drain::earlier);
        connection.run(() -> check(connection));
        checkLater();
    }

    private static End earlier(End present, End other) {
        return present.nanos - other.nanos <= 0 ? present : new End(other.nanos, other.reason, present.finSent);
    }

    /** Stops draining a connection, unless its FIN was sent already. */
    public void cancel(ProxiedConnection connection) {
        draining.computeIfPresent(connection, (key, end) -> end.finSent ? end : null);
    }

    /** How many connections are draining. */
    public int size() {
        return draining.size();
    }

    /** A connection is closed. */
    public void ended(ProxiedConnection connection) {
        draining.remove(connection);
    }

    private void checkLater() {
        if (!scheduled && !draining.isEmpty()) {
            scheduled = true;
            loop.schedule(this::checkEach, BETWEEN_CHECKS.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void checkEach() {
        turns.each(draining.keySet(), connection -> connection.run(() -> check(connection)))
                .onComplete(checked -> {
                    scheduled = false;
                    checkLater();
                });
    }

    private void check(ProxiedConnection connection) {
        End end = draining.get(connection);
        if (end == null || end.finSent) {
            return;
        }
        boolean late = System.nanoTime() - end.nanos >= 0;
        if (late && !connection.isQuietFor(QUIET)) {
            connection.reset(end.reason);
        } else if (late || (!connection.downstream().output().isEnded() && connection.isIdleFor(QUIET))) {
            draining.put(connection, new End(end.nanos, end.reason, true));
            connection.lingeringClose(late ? end.reason : CloseReason.DRAINED);
        }
    }
}
