package link.ambassador.operator;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Bounds how many reconciles of one namespace run at once, so that others get threads. The Operator SDK starts reconciles in the order
 * of their events, and each holds its thread for as long as the API server takes for its writes. Without a bound, a tenant with hundreds
 * of Ambassadors, or with a slow admission webhook, would hold all threads. Callable from any thread.
 */
final class ReconcileTurns {
    private final int mostOfOne;
    private final Map<String, Integer> running = new HashMap<>();
    private final Map<String, Set<ResourceID>> waiting = new HashMap<>();

    /** @param mostOfOne how many reconciles of one namespace may run at once */
    ReconcileTurns(int mostOfOne) {
        this.mostOfOne = mostOfOne;
    }

    /** Whether {@code id} may be reconciled now. If so, {@link #end} must follow; otherwise a later {@code end} returns it. */
    synchronized boolean begin(ResourceID id) {
        String namespace = namespace(id);
        if (running.getOrDefault(namespace, 0) == mostOfOne) {
            waiting.computeIfAbsent(namespace, first -> new LinkedHashSet<>()).add(id);
            return false;
        }
        running.merge(namespace, 1, Integer::sum);
        Set<ResourceID> others = waiting.get(namespace);
        if (others != null) {
            others.remove(id);
        }
        return true;
    }

    /** The reconcile of {@code id} has ended. Returns the Ambassador of its namespace that has waited longest, to try it again. */
    synchronized Optional<ResourceID> end(ResourceID id) {
        String namespace = namespace(id);
        running.computeIfPresent(namespace, (name, count) -> count == 1 ? null : count - 1);
        Set<ResourceID> others = waiting.getOrDefault(namespace, Set.of());
        Optional<ResourceID> next = others.stream().findFirst();
        next.ifPresent(others::remove);
        if (others.isEmpty()) {
            waiting.remove(namespace);
        }
        return next;
    }

    private static String namespace(ResourceID id) {
        return id.getNamespace().orElse("");
    }
}
