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
 * Ambassadors that are in a pod's table and not in the cache: gone, or so new that the webhook saw them and the cache did
 * not. A link must not go because a cache is late, so the API server is asked once, of one pod about no more than a table can
 * have. On one Vert.x context only.
 */
final class MissingSourceCheck {
    private record Name(String namespace, String name) {}

    private final SidecarAmbassadors ambassadors;
    private final BiFunction<String, String, Future<Boolean>> exists;
    private final Set<Name> gone = new HashSet<>();
    private final Map<Name, List<Runnable>> waiting = new HashMap<>();

    /** @param exists asks the API server for an Ambassador with sidecars, by namespace and name */
    MissingSourceCheck(SidecarAmbassadors ambassadors, BiFunction<String, String, Future<Boolean>> exists) {
        this.ambassadors = ambassadors;
        this.exists = exists;
    }

    /**
     * Whether the pod's table must wait.
     *
     * @param again called once the answer is there and was that there is none. If there is one, the cache will tell of it
     */
    boolean mustBeAskedFor(ConsumerPod pod, Optional<LinkTable> current, Runnable again) {
        boolean waits = false;
        String namespace = pod.relay().namespace();
        List<Source> sources = current.map(LinkTable::sources).orElse(List.of());
        if (sources.size() > PodTable.MOST_AMBASSADORS) {
            // No table of ours: whoever may write the pod's annotations made them up.
            return false;
        }
        for (Source source : sources) {
            Name name = new Name(source.namespace(), source.name());
            // A table that was copied from a pod of another namespace has sources that cannot be this pod's.
            if (!source.namespace().equals(namespace) || isKnown(name)) {
                gone.remove(name);
                continue;
            }
            if (!gone.contains(name)) {
                waits = true;
                ask(name, again);
            }
        }
        return waits;
    }

    private boolean isKnown(Name name) {
        return ambassadors.in(name.namespace()).stream()
                .anyMatch(ambassador -> ambassador.name().equals(name.name()));
    }

    /** The Ambassador's deletion was seen. */
    void deleted(String namespace, String name) {
        gone.add(new Name(namespace, name));
    }

    /** So that what is kept does not grow with every Ambassador that ever was. */
    void forgetTheGone() {
        gone.clear();
    }

    private void ask(Name name, Runnable again) {
        List<Runnable> before = waiting.get(name);
        if (before != null) {
            before.add(again);
            return;
        }
        waiting.put(name, new ArrayList<>(List.of(again)));
        exists.apply(name.namespace(), name.name()).onComplete(answer -> {
            List<Runnable> told = waiting.remove(name);
            if (answer.succeeded() && !answer.result()) {
                gone.add(name);
                told.forEach(Runnable::run);
            }
        });
    }
}
