package link.ambassador.operator.sidecar;

import io.vertx.core.Context;
import java.util.Optional;
import java.util.function.Consumer;
import link.ambassador.operator.delivery.FairQueue;

/**
 * Work of all namespaces that one context does: one piece in each of its turns, so that answers and timers wait for one piece only,
 * and one namespace after the other. Work that waits already is not added again. Callable from any thread.
 *
 * @param <T> a piece of work; equal pieces are the same work
 */
final class FairWork<T> implements AutoCloseable {
    private record Piece<T>(String namespace, T work) {}

    private final Context context;
    private final Consumer<T> worker;
    private final FairQueue<Piece<T>> waiting = new FairQueue<>(1);

    /** Whether the context will take the next piece; guarded by {@link #waiting}. */
    private boolean working;

    private volatile boolean closed;

    /** @param worker does one piece, on {@code context} */
    FairWork(Context context, Consumer<T> worker) {
        this.context = context;
        this.worker = worker;
    }

    /** Adds {@code work} behind the work of this namespace that waits already. Does nothing after {@link #close}. */
    void add(String namespace, T work) {
        if (closed) {
            return;
        }
        synchronized (waiting) {
            waiting.add(namespace, new Piece<>(namespace, work));
            if (working) {
                return;
            }
            working = true;
        }
        context.runOnContext(now -> doNext());
    }

    /** Begins no piece any more, and gives the context nothing to do: it may end. */
    @Override
    public void close() {
        closed = true;
    }

    private void doNext() {
        if (closed) {
            return;
        }
        Optional<Piece<T>> next;
        synchronized (waiting) {
            next = waiting.next();
            next.ifPresent(piece -> waiting.ended(piece.namespace()));
            working = next.isPresent();
        }
        if (next.isPresent()) {
            try {
                worker.accept(next.get().work());
            } finally {
                context.runOnContext(now -> doNext());
            }
        }
    }
}
