package link.ambassador.operator.sidecar;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Asks for reconciles of Ambassadors because something else changed: a pod that they select, or another Ambassador of their namespace.
 * One change may concern hundreds of Ambassadors, and hundreds of changes may come at one moment. A reconcile for each pair of them
 * would take every processor, and the API server would end the watches that the operator then reads too slowly. So an Ambassador that
 * waits is not added again, and a namespace gets {@value #AT_ONCE} reconciles at once, then {@value #EACH_TICK} every {@link #TICK}.
 *
 * <p>Everything happens on one context, except {@link #close}.
 */
final class PacedReconciles implements AutoCloseable {
    static final int AT_ONCE = 100;
    static final int EACH_TICK = 5;
    static final Duration TICK = Duration.ofMillis(50);

    private static final class Namespace {
        private final Set<String> waiting = new LinkedHashSet<>();
        private int allowed = AT_ONCE;
    }

    private final Vertx vertx;
    private final Context context;
    private final BiConsumer<String, String> reconcile;
    private final Map<String, Namespace> namespaces = new HashMap<>();
    private boolean ticking;
    private volatile boolean closed;

    /** @param reconcile called on {@code context} with a namespace and the name of an Ambassador there; must not block */
    PacedReconciles(Vertx vertx, Context context, BiConsumer<String, String> reconcile) {
        this.vertx = vertx;
        this.context = context;
        this.reconcile = reconcile;
    }

    /** To be called on the context. Does nothing after {@link #close}. */
    void add(String namespace, String name) {
        if (closed) {
            return;
        }
        Namespace of = namespaces.computeIfAbsent(namespace, first -> new Namespace());
        of.waiting.add(name);
        release(namespace, of);
        if (!ticking) {
            ticking = true;
            vertx.setTimer(TICK.toMillis(), elapsed -> context.runOnContext(now -> tick()));
        }
    }

    private void tick() {
        if (closed) {
            return;
        }
        namespaces.values().removeIf(of -> of.waiting.isEmpty() && of.allowed + EACH_TICK >= AT_ONCE);
        namespaces.forEach((namespace, of) -> {
            of.allowed = Math.min(AT_ONCE, of.allowed + EACH_TICK);
            release(namespace, of);
        });
        ticking = !namespaces.isEmpty();
        if (ticking) {
            vertx.setTimer(TICK.toMillis(), elapsed -> context.runOnContext(now -> tick()));
        }
    }

    /** Asks for nothing any more, and begins no timer: its context may end. Callable from any thread. */
    @Override
    public void close() {
        closed = true;
    }

    private void release(String namespace, Namespace of) {
        Iterator<String> next = of.waiting.iterator();
        while (of.allowed > 0 && next.hasNext()) {
            String name = next.next();
            next.remove();
            of.allowed--;
            reconcile.accept(namespace, name);
        }
    }
}
