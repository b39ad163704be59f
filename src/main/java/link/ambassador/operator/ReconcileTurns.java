package link.ambassador.operator;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Leaves threads to others: of the reconciles of one namespace only so many run at once. They are begun in the order of their
 * events, whoever's they are, and hold their threads for as long as the API server takes for their writes; so a tenant with
 * hundreds of Ambassadors, or with a slow admission webhook, would have all threads. Callable from any thread.
 */
final class ReconcileTurns {
    private final int mostOfOne;
    private final Map<String, Integer> underWay = new HashMap<>();
    private final Map<String, Set<ResourceID>> waiting = new HashMap<>();

    /** @param mostOfOne how many of one namespace run at once */
    ReconcileTurns(int mostOfOne) {
        this.mostOfOne = mostOfOne;
    }

    /** Whether it may run now. If so, {@link #end} must follow; if not, an {@code end} of its namespace tells that it may try again. */
    synchronized boolean begin(ResourceID id) {
        String namespace = namespace(id);
        if (underWay.getOrDefault(namespace, 0) == mostOfOne) {
            waiting.computeIfAbsent(namespace, first -> new LinkedHashSet<>()).add(id);
            return false;
        }
        underWay.merge(namespace, 1, Integer::sum);
        Set<ResourceID> others = waiting.get(namespace);
        if (others != null) {
            others.remove(id);
        }
        return true;
    }

    /** It has run. Returns the one of its namespace that has waited longest, and is to try again. */
    synchronized Optional<ResourceID> end(ResourceID id) {
        String namespace = namespace(id);
        underWay.computeIfPresent(namespace, (name, count) -> count == 1 ? null : count - 1);
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
