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
 * Does work on many items over as many turns of the event loop as it takes, so that bytes pass in between (contract
 * point 3). On the event loop only.
 *
 * <p>A small piece of work is done at once. Several pieces take turns, so that a small one does not wait for a large
 * one.
 */
public final class Turns {
    /** For one turn of the loop. In a process that has just started, a single item may take that long. */
    static final Duration MAX_TURN = Duration.ofMillis(2);

    private final EventLoop loop;
    private final Deque<Work<?>> pending = new ArrayDeque<>();
    private long turnBeganNanos;
    private boolean turnBegan;
    private boolean working;

    public Turns(EventLoop loop) {
        this.loop = loop;
    }

    /**
     * Does the work for each item, in order, beginning now. Items that are added later are not included.
     *
     * @return completes after the last item, and fails with the first error
     */
    public <T> Future<Void> each(Collection<? extends T> items, Consumer<? super T> work) {
        Work<T> next = new Work<>(new ArrayList<T>(items).iterator(), work);
        pending.add(next);
        if (!turnBegan) {
            begin();
        }
        if (!working) {
            work();
        }
        return next.done.future();
    }

    /** Uses a scheduled task, because only those wait for the next turn of the loop. */
    private void begin() {
        turnBegan = true;
        turnBeganNanos = System.nanoTime();
        loop.schedule(this::nextTurn, 0, TimeUnit.NANOSECONDS);
    }

    private void nextTurn() {
        turnBegan = false;
        if (!pending.isEmpty()) {
            begin();
            work();
        }
    }

    private void work() {
        working = true;
        while (!pending.isEmpty() && System.nanoTime() - turnBeganNanos < MAX_TURN.toNanos()) {
            Work<?> work = pending.remove();
            if (work.step()) {
                pending.add(work);
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

        /** Does one item; returns whether there are more. */
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
