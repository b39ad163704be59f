package link.ambassador.relay.proxy;

import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Releases the held connections of a relay after their holds have ended, one at a time, so that a target that has just
 * come up is not flooded. Each gets a slot of {@link #SLOT_NANOS} and is released at a random moment in it: many relays
 * may release at once. Links take turns. On the event loop.
 */
public final class Releases {
    static final int PER_SECOND = 200;
    static final long SLOT_NANOS = TimeUnit.SECONDS.toNanos(1) / PER_SECOND;

    private final EventLoop loop;
    private final Deque<LinkHold> ended = new ArrayDeque<>();
    private long nextSlotNanos = System.nanoTime();
    private boolean scheduled;

    public Releases(EventLoop loop) {
        this.loop = loop;
    }

    /** This hold has ended. */
    void add(LinkHold hold) {
        if (!ended.contains(hold)) {
            ended.add(hold);
            scheduleNext();
        }
    }

    private void scheduleNext() {
        if (scheduled || ended.isEmpty()) {
            return;
        }
        scheduled = true;
        long now = System.nanoTime();
        // A slot that was missed is lost: releases do not catch up in a burst.
        long slot = nextSlotNanos - now > 0 ? nextSlotNanos : now;
        nextSlotNanos = slot + SLOT_NANOS;
        long at = slot + ThreadLocalRandom.current().nextLong(SLOT_NANOS);
        loop.schedule(this::releaseOne, at - now, TimeUnit.NANOSECONDS);
    }

    private void releaseOne() {
        scheduled = false;
        LinkHold hold = ended.remove();
        if (hold.releaseFirst()) {
            ended.add(hold);
        }
        scheduleNext();
    }
}
