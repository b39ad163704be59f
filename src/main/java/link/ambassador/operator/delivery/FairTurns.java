package link.ambassador.operator.delivery;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Bounds how much work is in progress, and lets the namespaces take turns: a tenant with a thousand pods, or with pods that answer
 * slowly, delays another tenant by a moment only. Callable from any thread.
 */
public final class FairTurns {
    private record Waiting(String namespace, Runnable begin) {
        // No two pieces of work are the same.
        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    private final Vertx vertx;
    private final int most;
    private final FairQueue<Waiting> waiting;
    private int inProgress;

    /**
     * With no work in progress.
     *
     * @param most at once
     * @param mostOfOneNamespace at once
     */
    public FairTurns(Vertx vertx, int most, int mostOfOneNamespace) {
        this.vertx = vertx;
        this.most = most;
        this.waiting = new FairQueue<>(mostOfOneNamespace);
    }

    /** Begins {@code work} on the caller's context when its turn comes, and completes there as the work does. */
    public <T> Future<T> run(String namespace, Supplier<Future<T>> work) {
        Context caller = vertx.getOrCreateContext();
        Promise<T> result = Promise.promise();
        Waiting one = new Waiting(
                namespace,
                () -> caller.runOnContext(now -> begin(work).onComplete(ended -> {
                    end(namespace);
                    result.handle(ended);
                })));
        synchronized (this) {
            waiting.add(namespace, one);
        }
        beginNext();
        return result.future();
    }

    private static <T> Future<T> begin(Supplier<Future<T>> work) {
        try {
            return work.get();
        } catch (RuntimeException e) {
            // The client was closed.
            return Future.failedFuture(e);
        }
    }

    private void end(String namespace) {
        synchronized (this) {
            inProgress--;
            waiting.ended(namespace);
        }
        beginNext();
    }

    private void beginNext() {
        Optional<Waiting> next;
        synchronized (this) {
            next = inProgress < most ? waiting.next() : Optional.empty();
            inProgress += next.isPresent() ? 1 : 0;
        }
        next.ifPresent(one -> one.begin().run());
    }
}
