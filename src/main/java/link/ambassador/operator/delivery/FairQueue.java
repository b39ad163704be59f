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
 * Work that waits, of all namespaces: taken one namespace after the other, so that one with much to do keeps another waiting for
 * one piece of work and not for all of it. What waits already is not put in again. Not safe for several threads.
 *
 * @param <T> a piece of work; two that are equal are the same
 */
public final class FairQueue<T> {
    private final Map<String, Set<T>> waiting = new LinkedHashMap<>();
    private final Map<String, Integer> underWay = new HashMap<>();
    private final ArrayDeque<String> namespaces = new ArrayDeque<>();
    private final int mostOfOne;

    /** @param mostOfOne how much of one namespace may be under way at once */
    public FairQueue(int mostOfOne) {
        this.mostOfOne = mostOfOne;
    }

    /** Waits, unless the same does. */
    public void add(String namespace, T work) {
        waiting.computeIfAbsent(namespace, name -> {
                    namespaces.add(name);
                    return new LinkedHashSet<>();
                })
                .add(work);
    }

    /** The next that may begin, which then is under way until {@link #ended}; empty when there is none. */
    public Optional<T> next() {
        for (int left = namespaces.size(); left > 0; left--) {
            String namespace = namespaces.remove();
            if (underWay.getOrDefault(namespace, 0) == mostOfOne) {
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
            underWay.merge(namespace, 1, Integer::sum);
            return Optional.of(taken);
        }
        return Optional.empty();
    }

    /** Work of this namespace that was under way has ended. */
    public void ended(String namespace) {
        underWay.computeIfPresent(namespace, (name, count) -> count == 1 ? null : count - 1);
    }
}
