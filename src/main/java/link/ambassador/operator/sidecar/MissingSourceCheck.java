package link.ambassador.operator.sidecar;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import link.ambassador.config.LinkTable;
import link.ambassador.config.Source;
import link.ambassador.model.PodTable;
import link.ambassador.model.SidecarAmbassadors;

/**
 * Whether Ambassadors that are in a pod's table and not in the cache are gone, or only so new that the webhook saw them and the
 * cache did not. A link must not go because a cache is late, so the API server is asked once for each of them. One pod makes the
 * operator ask for at most as many as a table can have. On one Vert.x context only.
 */
final class MissingSourceCheck {
    private record Name(String namespace, String name) {}

    private final SidecarAmbassadors ambassadors;
    private final BiFunction<String, String, Future<Boolean>> exists;
    private final Set<Name> deleted = new HashSet<>();
    private final Map<Name, List<Runnable>> waiting = new HashMap<>();

    /** @param exists asks the API server for an Ambassador with sidecars, by namespace and name */
    MissingSourceCheck(SidecarAmbassadors ambassadors, BiFunction<String, String, Future<Boolean>> exists) {
        this.ambassadors = ambassadors;
        this.exists = exists;
    }

    /**
     * Whether the pod's table must wait for an answer of the API server.
     *
     * @param again called when the API server answered that an Ambassador does not exist. One that exists will be in the cache
     */
    boolean mustWait(ConsumerPod pod, Optional<LinkTable> current, Runnable again) {
        boolean waits = false;
        String namespace = pod.relay().namespace();
        List<Source> sources = current.map(LinkTable::sources).orElse(List.of());
        if (sources.size() > PodTable.MOST_AMBASSADORS) {
            // Not a table of the operator: someone who can write the pod's annotations made it up.
            return false;
        }
        for (Source source : sources) {
            Name name = new Name(source.namespace(), source.name());
            // A table that was copied from a pod of another namespace has sources that cannot be this pod's.
            if (!source.namespace().equals(namespace) || isCached(name)) {
                deleted.remove(name);
                continue;
            }
            if (!deleted.contains(name)) {
                waits = true;
                ask(name, again);
            }
        }
        return waits;
    }

    private boolean isCached(Name name) {
        return ambassadors.in(name.namespace()).stream()
                .anyMatch(ambassador -> ambassador.name().equals(name.name()));
    }

    /** The cache saw the Ambassador's deletion. */
    void deleted(String namespace, String name) {
        deleted.add(new Name(namespace, name));
    }

    /** Bounds what is remembered. The API server is asked again about a pod that still has such a source. */
    void forgetDeleted() {
        deleted.clear();
    }

    private void ask(Name name, Runnable again) {
        List<Runnable> others = waiting.get(name);
        if (others != null) {
            others.add(again);
            return;
        }
        waiting.put(name, new ArrayList<>(List.of(again)));
        exists.apply(name.namespace(), name.name()).onComplete(answer -> {
            List<Runnable> all = waiting.remove(name);
            if (answer.succeeded() && !answer.result()) {
                deleted.add(name);
                all.forEach(Runnable::run);
            }
        });
    }
}
