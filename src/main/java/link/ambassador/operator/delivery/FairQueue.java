package link.ambassador.operator.delivery;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Waiting work of all namespaces, taken from one namespace after the other: a namespace with much work delays another one by one
 * piece of work, not by all of it. Work that waits already is not added again. Not safe for several threads.
 *
 * @param <T> a piece of work; equal pieces are the same work
 */
public final class FairQueue<T> {
    private final Map<String, Set<T>> waiting = new LinkedHashMap<>();
    private final Map<String, Integer> inProgress = new HashMap<>();
    private final ArrayDeque<String> namespaces = new ArrayDeque<>();
    private final int mostOfOne;

    /** @param mostOfOne how many pieces of one namespace may be in progress at once */
    public FairQueue(int mostOfOne) {
        this.mostOfOne = mostOfOne;
    }

    /** Adds {@code work}, unless it waits already. */
    public void add(String namespace, T work) {
        waiting.computeIfAbsent(namespace, name -> {
                    namespaces.add(name);
                    return new LinkedHashSet<>();
                })
                .add(work);
    }

    /** Takes the next piece that may begin; it is in progress until {@link #ended}. Empty when none may. */
    public Optional<T> next() {
        for (int left = namespaces.size(); left > 0; left--) {
            String namespace = namespaces.remove();
            if (inProgress.getOrDefault(namespace, 0) == mostOfOne) {
                namespaces.add(namespace);
                continue;
            }
            Set<T> work = waiting.get(namespace);
            Iterator<T> oldest = work.iterator();
            T taken = oldest.next();
            oldest.remove();
            if (work.isEmpty()) {
                waiting.remove(namespace);
            } else {
                namespaces.add(namespace);
            }
            inProgress.merge(namespace, 1, Integer::sum);
            return Optional.of(taken);
        }
        return Optional.empty();
    }

    /** A piece of this namespace that was in progress has ended. */
    public void ended(String namespace) {
        inProgress.computeIfPresent(namespace, (name, count) -> count == 1 ? null : count - 1);
    }
}
