package link.ambassador.relay.watch;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Checks how long a turn of an event loop takes, because every connection on the loop waits that long.
 *
 * <p>A thread gives each loop a task, 20 times a second, and measures how long it waits for the current turn. It
 * subtracts the time in which the loop's thread was ready to run and had no processor ({@code run_delay}, the second
 * number in {@code /proc/<pid>/task/<tid>/schedstat}: the kernel's {@code Documentation/scheduler/sched-stats.rst}),
 * the time of garbage collections, and the time to load a class, which happens once. If the watching thread itself,
 * which only sleeps, was later than that, it subtracts its own delay instead. So neither a busy machine nor a test with
 * much garbage fails. The rest is what the loop did or slept.
 */
public final class LoopTurns {
    /**
     * Netty sleeps for 1 s after an exception in its loop. The longest turn without a fault takes a tenth of this
     * limit.
     */
    static final Duration LONGEST = Duration.ofMillis(700);

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);
    private static final List<WatchedLoop> LOOPS = new CopyOnWriteArrayList<>();
    private static volatile long machineLateNanos;
    private static Thread watcher;

    private LoopTurns() {}

    /** Watches the loop until the loop ends. */
    public static synchronized void watch(EventLoop loop) {
        LOOPS.add(new WatchedLoop(loop));
        if (watcher == null) {
            watcher = new Thread(LoopTurns::run, "loop-turns");
            watcher.setDaemon(true);
            watcher.start();
        }
    }

    private static void run() {
        long lateNanos = 0;
        try {
            while (true) {
                LOOPS.forEach(WatchedLoop::look);
                LOOPS.removeIf(WatchedLoop::isOver);
                long begin = System.nanoTime();
                Thread.sleep(BETWEEN_LOOKS.toMillis());
                lateNanos += System.nanoTime() - begin - BETWEEN_LOOKS.toNanos();
                machineLateNanos = lateNanos;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The total delay of a thread that only sleeps for short times. */
    static long machineLateNanos() {
        return machineLateNanos;
    }

    /** Returns when the current turn of each loop has ended, or was reported as too long. */
    static void awaitTurns() throws InterruptedException {
        for (WatchedLoop loop : LOOPS) {
            loop.awaitTurn();
        }
    }
}
