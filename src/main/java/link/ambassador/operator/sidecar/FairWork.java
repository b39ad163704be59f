package link.ambassador.operator.sidecar;

import io.vertx.core.Context;
import java.util.Optional;
import java.util.function.Consumer;
import link.ambassador.operator.delivery.FairQueue;

/**
 * Work of all namespaces that one context does: one piece in each of its turns, so that answers and timers wait for no more than
 * that, and one namespace after the other. What waits already is not put in again. Callable from any thread.
 *
 * @param <T> a piece of work; two that are equal are the same
 */
final class FairWork<T> {
    private record Piece<T>(String namespace, T work) {}

    private final Context context;
    private final Consumer<T> worker;
    private final FairQueue<Piece<T>> waiting = new FairQueue<>(1);

    /** Whether a turn of the context will take what waits; guarded by {@link #waiting}. */
    private boolean working;

    /** @param worker does one piece, on {@code context} */
    FairWork(Context context, Consumer<T> worker) {
        this.context = context;
        this.worker = worker;
    }

    /** Has it done after what waits of this namespace already. */
    void add(String namespace, T work) {
        synchronized (waiting) {
            waiting.add(namespace, new Piece<>(namespace, work));
            if (working) {
                return;
            }
            working = true;
        }
        context.runOnContext(now -> doNext());
    }

    private void doNext() {
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
