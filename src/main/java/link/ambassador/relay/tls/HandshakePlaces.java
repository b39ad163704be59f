package link.ambassador.relay.tls;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * The places for handshakes of downstreams. A handshake costs memory and work before the relay knows who asks for it, so only
 * {@value #MAX_AT_ONCE} run at once.
 *
 * <p>The others wait, and cost a socket. The newest gets the next place: those that wait for longest are the least likely to be still
 * there. While some wait, a handshake that has had its place for {@link #PATIENCE} loses it. So clients that begin a thousand
 * handshakes and finish none do not keep others out; and on a busy machine, a crowd that connects at once has the time that it needs. On
 * the event loop.
 */
final class HandshakePlaces {
    static final int MAX_AT_ONCE = 64;
    static final Duration PATIENCE = Duration.ofSeconds(3);

    /** Somebody who needs a place. */
    interface Handshake {
        /** Has a place now. */
        void begin();

        /** Loses the place to another one: {@link #leave}s. */
        void evicted();
    }

    private final EventLoop loop;
    /** Each with the time at which it got its place, the oldest first. */
    private final Map<Handshake, Long> running = new LinkedHashMap<>();

    private final NavigableMap<Long, Handshake> waiting = new TreeMap<>();
    private final Map<Handshake, Long> numbers = new HashMap<>();
    private long nextNumber;
    private ScheduledFuture<?> eviction;

    HandshakePlaces(EventLoop loop) {
        this.loop = loop;
    }

    /** {@link Handshake#begin}s now or later; ends with {@link #leave} in any case. */
    void enter(Handshake handshake) {
        if (running.size() < MAX_AT_ONCE) {
            run(handshake);
            return;
        }
        numbers.put(handshake, nextNumber);
        waiting.put(nextNumber++, handshake);
        evictLater();
    }

    /** It is over, or gives up. */
    void leave(Handshake handshake) {
        Long number = numbers.remove(handshake);
        if (number != null) {
            waiting.remove(number);
        } else if (running.remove(handshake) != null && !waiting.isEmpty()) {
            Handshake newest = waiting.pollLastEntry().getValue();
            numbers.remove(newest);
            run(newest);
        }
    }

    int running() {
        return running.size();
    }

    int waiting() {
        return waiting.size();
    }

    private void run(Handshake handshake) {
        running.put(handshake, System.nanoTime());
        handshake.begin();
    }

    private void evictLater() {
        if (eviction == null && !waiting.isEmpty()) {
            long sinceNanos = running.values().iterator().next();
            long leftNanos = sinceNanos + PATIENCE.toNanos() - System.nanoTime();
            eviction = loop.schedule(this::evict, Math.max(leftNanos, 0), TimeUnit.NANOSECONDS);
        }
    }

    private void evict() {
        eviction = null;
        if (waiting.isEmpty()) {
            return;
        }
        Map.Entry<Handshake, Long> oldest = running.entrySet().iterator().next();
        if (System.nanoTime() - oldest.getValue() >= PATIENCE.toNanos()) {
            oldest.getKey().evicted();
        }
        evictLater();
    }
}
