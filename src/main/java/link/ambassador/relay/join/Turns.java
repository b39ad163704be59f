package link.ambassador.relay.join;

import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Work on many things, done over as many turns of the event loop as it takes: bytes of others pass in between (contract
 * point 3). On the event loop only.
 *
 * <p>What is little is done at once. Of several works each has its turn, so that a small one does not wait for a large one.
 */
public final class Turns {
    /** In one turn of the loop. Of a process that has just started a single item may take that long. */
    static final Duration LONGEST = Duration.ofMillis(2);

    private final EventLoop loop;
    private final Deque<Work<?>> works = new ArrayDeque<>();
    private long turnBeganNanos;
    private boolean turnBegan;
    private boolean working;

    public Turns(EventLoop loop) {
        this.loop = loop;
    }

    /**
     * Does the work for each item, in order, beginning now; the items are those of this moment.
     *
     * @return completes after the last, with the first error that there was
     */
    public <T> Future<Void> each(Collection<? extends T> items, Consumer<? super T> work) {
        Work<T> next = new Work<>(new ArrayList<T>(items).iterator(), work);
        works.add(next);
        if (!turnBegan) {
            begin();
        }
        if (!working) {
            work();
        }
        return next.done.future();
    }

    /** Scheduled tasks wait for the next turn of the loop, which other tasks do not. */
    private void begin() {
        turnBegan = true;
        turnBeganNanos = System.nanoTime();
        loop.schedule(this::nextTurn, 0, TimeUnit.NANOSECONDS);
    }

    private void nextTurn() {
        turnBegan = false;
        if (!works.isEmpty()) {
            begin();
            work();
        }
    }

    private void work() {
        working = true;
        while (!works.isEmpty() && System.nanoTime() - turnBeganNanos < LONGEST.toNanos()) {
            Work<?> work = works.remove();
            if (work.step()) {
                works.add(work);
            }
        }
        working = false;
    }

    private static final class Work<T> {
        private final Iterator<T> items;
        private final Consumer<? super T> work;
        private final Promise<Void> done = Promise.promise();
        private Throwable error;

        Work(Iterator<T> items, Consumer<? super T> work) {
            this.items = items;
            this.work = work;
        }

        /** Returns whether there is more. */
        boolean step() {
            if (items.hasNext()) {
                try {
                    work.accept(items.next());
                } catch (Throwable e) {
                    error = error == null ? e : error;
                }
            }
            if (items.hasNext()) {
                return true;
            }
            if (error == null) {
                done.complete();
            } else {
                done.fail(error);
            }
            return false;
        }
    }
}
