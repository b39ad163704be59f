package link.ambassador.relay.watch;

import io.netty.channel.EventLoop;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The longest turn of an event loop, for figures: a thread gives the loop a task, 1 ms after the one before was run, and looks
 * how long it waited for the turn that was on. So a turn of 10 ms is seen as one of 9 to 10. Not counted is the time in which
 * the loop's thread was ready and had no processor. Collections of garbage count: whoever is relayed waits for them too.
 *
 * <p>It wakes the loop up to a thousand times a second: nothing for a relay that somebody uses, or whose processor time is
 * measured.
 */
public final class LongestTurn {
    private static final long BETWEEN_TASKS_MILLIS = 1;

    private final EventLoop loop;
    private final Semaphore ran = new Semaphore(0);
    private final AtomicLong longestNanos = new AtomicLong();
    private volatile RunDelay delay;
    private volatile long ranNanos;

    private LongestTurn(EventLoop loop) {
        this.loop = loop;
    }

    /** Watches it to its end. */
    public static LongestTurn of(EventLoop loop) {
        LongestTurn turns = new LongestTurn(loop);
        loop.execute(() -> turns.delay = RunDelay.ofCurrentThread());
        Thread thread = new Thread(turns::run, "longest-turn");
        thread.setDaemon(true);
        thread.start();
        return turns;
    }

    /** The longest since this was asked last. */
    public long takeMicros() {
        return TimeUnit.NANOSECONDS.toMicros(longestNanos.getAndSet(0));
    }

    private void run() {
        try {
            while (true) {
                TimeUnit.MILLISECONDS.sleep(BETWEEN_TASKS_MILLIS);
                RunDelay known = delay;
                long delayBefore = known == null ? 0 : known.nanos();
                loop.execute(this::ran);
                // Not before: this thread may have had to wait for a processor in between.
                long posted = System.nanoTime();
                ran.acquire();
                if (known != null) {
                    long waited = ranNanos - posted - (known.nanos() - delayBefore);
                    longestNanos.accumulateAndGet(waited, Math::max);
                }
            }
        } catch (RejectedExecutionException ended) {
            // So is this.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void ran() {
        ranNanos = System.nanoTime();
        ran.release();
    }
}
