package link.ambassador.relay.watch;

import io.netty.channel.EventLoop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Collectors;

/** Watches one loop: see {@link LoopTurns}. */
final class WatchedLoop {
    private final EventLoop loop;
    private final Runnable probe = this::ran;
    private volatile Thread thread;
    private volatile RunDelay delay;
    private volatile boolean pending;
    private volatile long ranNanos;
    private long postedNanos;
    private long excusedNanosBefore;
    private long machineLateNanosBefore;
    private long lookedNanos;
    private long classLoadingNanos;
    private boolean reported;
    private int judged;
    private volatile boolean over;

    WatchedLoop(EventLoop loop) {
        this.loop = loop;
        loop.execute(this::arrive);
    }

    private void arrive() {
        thread = Thread.currentThread();
        delay = RunDelay.ofCurrentThread();
    }

    private void ran() {
        ranNanos = System.nanoTime();
        pending = false;
    }

    boolean isOver() {
        return over;
    }

    synchronized void look() {
        if (over || thread == null) {
            return;
        }
        if (loop.isTerminated()) {
            end();
        } else if (pending) {
            long now = System.nanoTime();
            if (isLoadingAClass()) {
                classLoadingNanos += now - lookedNanos;
            }
            lookedNanos = now;
            judge(now);
        } else {
            if (postedNanos != 0) {
                judge(ranNanos);
                judged++;
            }
            post();
        }
    }

    private void post() {
        reported = false;
        excusedNanosBefore = excusedNanos();
        machineLateNanosBefore = LoopTurns.machineLateNanos();
        pending = true;
        try {
            loop.execute(probe);
        } catch (RejectedExecutionException ended) {
            end();
        }
        // Read here, because this thread may have waited for a processor before.
        postedNanos = System.nanoTime();
        lookedNanos = postedNanos;
        classLoadingNanos = 0;
    }

    private void end() {
        over = true;
        try {
            if (delay != null) {
                delay.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void judge(long nowNanos) {
        long waited = nowNanos - postedNanos;
        if (reported || waited <= LoopTurns.LONGEST.toNanos()) {
            return;
        }
        long excused = Math.max(
                excusedNanos() - excusedNanosBefore + classLoadingNanos,
                LoopTurns.machineLateNanos() - machineLateNanosBefore);
        if (waited - excused > LoopTurns.LONGEST.toNanos()) {
            reported = true;
            Incidents.report(
                    "one turn of the event loop took " + millis(waited) + " ms" + (pending ? " and goes on" : "")
                            + ", " + millis(excused) + " ms of them excused, and "
                            + LoopTurns.LONGEST.toMillis() + " ms are the most; it is in\n\t"
                            + Arrays.stream(thread.getStackTrace())
                                    .map(StackTraceElement::toString)
                                    .collect(Collectors.joining("\n\t")));
        }
    }

    /** Loading a class waits for files, and for other threads that load classes and have no processor. */
    private boolean isLoadingAClass() {
        return Arrays.stream(thread.getStackTrace())
                .anyMatch(frame -> frame.getClassName().equals(ClassLoader.class.getName()));
    }

    private static long millis(long nanos) {
        return Duration.ofNanos(nanos).toMillis();
    }

    private long excusedNanos() {
        return runDelayNanos() + collectionNanos();
    }

    private long runDelayNanos() {
        RunDelay known = delay;
        return known == null ? 0 : known.nanos();
    }

    private static long collectionNanos() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(collector -> Math.max(0, collector.getCollectionTime()) * 1_000_000)
                .sum();
    }

    /** Returns when the current turn has ended and was judged, or is far too long. */
    void awaitTurn() throws InterruptedException {
        int before = judged();
        // Waits for a second task: the first may have run before this call.
        for (long end = System.nanoTime() + 4 * LoopTurns.LONGEST.toNanos();
                !over && judged() < before + 2 && System.nanoTime() < end; ) {
            look();
            Thread.sleep(1);
        }
    }

    private synchronized int judged() {
        return judged;
    }
}
