package link.ambassador.relay.watch;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * How long one turn of an event loop takes, which is how long every connection on it waits.
 *
 * <p>A thread gives each loop a task, 20 times a second, and looks when it was run: it waits for the turn that is on. Not
 * counted is the time in which the loop's thread was ready to run and had no processor ({@code run_delay}, the second number in
 * {@code /proc/<pid>/task/<tid>/schedstat}: the kernel's {@code Documentation/scheduler/sched-stats.rst}), nor what the
 * collectors of garbage took, by their own account, nor the loading of a class, which happens once; or, if that is more, how
 * late the watching thread itself was meanwhile, which does nothing but sleep. A machine that does much else, or a test that
 * makes much garbage, is no failure. What is left is what the loop did or slept by itself.
 */
public final class LoopTurns {
    /** Netty sleeps for 1 s when an exception reaches its loop; the longest turn that is right takes a tenth of this. */
    static final Duration LONGEST = Duration.ofMillis(700);

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);
    private static final List<WatchedLoop> LOOPS = new CopyOnWriteArrayList<>();
    private static volatile long machineLateNanos;
    private static Thread watcher;

    private LoopTurns() {}

    /** Watches it to its end. */
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

    /** How late a thread was, all in all, that sleeps a while again and again. */
    static long machineLateNanos() {
        return machineLateNanos;
    }

    /** Returns when the turn that each loop is in now is over, or was told to be too long. */
    static void awaitTurns() throws InterruptedException {
        for (WatchedLoop loop : LOOPS) {
            loop.awaitTurn();
        }
    }
}
