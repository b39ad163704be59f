package link.ambassador.relay.watch;

import io.netty.channel.EventLoop;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Measures the longest turn of an event loop. A thread gives the loop a task, 1 ms after the task before has run, and
 * measures how long it waits for the current turn. So it sees a turn of 10 ms as one of 9 to 10. It does not count time
 * in which the loop's thread was ready and had no processor. Garbage collections count, because relayed connections
 * wait for them too.
 *
 * <p>It wakes the loop up to a thousand times a second, so it is neither for a relay in use nor for one whose CPU time
 * is measured.
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

    /** Watches the loop until the loop ends. */
    public static LongestTurn of(EventLoop loop) {
        LongestTurn turns = new LongestTurn(loop);
        loop.execute(() -> turns.delay = RunDelay.ofCurrentThread());
        Thread thread = new Thread(turns::run, "longest-turn");
        thread.setDaemon(true);
        thread.start();
        return turns;
    }

    /** The longest turn since the last call. */
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
                // Read here, because this thread may have waited for a processor before.
                long posted = System.nanoTime();
                ran.acquire();
                if (known != null) {
                    long waited = ranNanos - posted - (known.nanos() - delayBefore);
                    longestNanos.accumulateAndGet(waited, Math::max);
                }
            }
        } catch (RejectedExecutionException ended) {
            // The loop has ended as well.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void ran() {
        ranNanos = System.nanoTime();
        ran.release();
    }
}
