package link.ambassador.operator.delivery;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Sees to it that relays serve the revision that is wanted of them, and knows how each of them stands.
 *
 * <p>A relay is asked only until it acknowledged; after that a few relays of each Ambassador are asked now and then, for
 * what their connects learned of the targets. Callable from any thread; nothing here waits.
 */
public final class Deliveries {
    private static final Duration BETWEEN_SAMPLES = Duration.ofSeconds(30);
    private static final int SAMPLE_SIZE = 5;

    /** The deliveries of one Ambassador; on the context only, but for what is known. */
    private static final class Wanted {
        private final Map<String, PodDelivery> byUid = new HashMap<>();
        private final Map<String, Told> told = new ConcurrentHashMap<>();
    }

    /** What is known, and of which revision: a reconciler may ask before the context heard of its next one. */
    private record Told(String revision, RelaySync known) {}

    private final Vertx vertx;
    private final Context context;
    private final KubeletRefresh refreshes;
    private final RelayPolls questions;
    private final Consumer<ResourceID> changed;
    private final Predicate<ResourceID> lives;
    private final Map<ResourceID, Wanted> wanted = new ConcurrentHashMap<>();

    /**
     * Starts without any.
     *
     * @param changed told of an Ambassador when what is known of one of its relays changed; must not block
     * @param lives whether there still is such an Ambassador; must not block
     */
    public Deliveries(
            Vertx vertx,
            KubeletRefresh refreshes,
            RelayPolls questions,
            Consumer<ResourceID> changed,
            Predicate<ResourceID> lives) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.refreshes = refreshes;
        this.questions = questions;
        this.changed = changed;
        this.lives = lives;
        context.runOnContext(now -> vertx.setPeriodic(BETWEEN_SAMPLES.toMillis(), elapsed -> sample()));
    }

    /**
     * These relays, and no others, are to serve {@code revision}. Called at every reconcile; what is under way for the same
     * relay and revision goes on, unless the table was written again.
     *
     * @param written whether the table was written just now, so that no relay can have it yet; of the same revision as before when
     *     somebody had edited it, and then a relay may have what he made of it
     */
    public void want(ResourceID ambassador, String revision, Collection<RelayPod> pods, boolean written) {
        List<RelayPod> serving = pods.stream().filter(RelayPod::counts).toList();
        Wanted entry = wanted.computeIfAbsent(ambassador, id -> new Wanted());
        context.runOnContext(now -> want(ambassador, entry, revision, serving, written));
    }

    /** Has {@code task} run after what waits already. */
    public void execute(Runnable task) {
        context.runOnContext(now -> task.run());
    }

    /** How each relay stands with {@code revision}, by the uid of its pod; one that is not in it was not asked yet. */
    public Map<String, RelaySync> known(ResourceID ambassador, String revision) {
        Map<String, RelaySync> known = new HashMap<>();
        Wanted entry = wanted.get(ambassador);
        if (entry != null) {
            entry.told.forEach((uid, told) -> {
                if (told.revision().equals(revision)) {
                    known.put(uid, told.known());
                }
            });
        }
        return known;
    }

    private void want(ResourceID ambassador, Wanted entry, String revision, List<RelayPod> pods, boolean written) {
        if (wanted.get(ambassador) != entry) {
            return;
        }
        Map<String, RelayPod> byUid =
                pods.stream().collect(Collectors.toMap(RelayPod::uid, pod -> pod, (one, same) -> one));
        entry.byUid.entrySet().removeIf(delivery -> {
            boolean gone = !byUid.containsKey(delivery.getKey());
            if (gone) {
                delivery.getValue().stop();
                entry.told.remove(delivery.getKey());
            }
            return gone;
        });
        for (RelayPod pod : pods) {
            PodDelivery current = entry.byUid.get(pod.uid());
            boolean same = current != null && current.revision().equals(revision);
            if (same && !written) {
                current.update(pod);
                continue;
            }
            if (current != null) {
                current.stop();
            }
            begin(ambassador, entry, pod, revision, same ? Math.max(1, current.refreshes()) : 0, written);
        }
    }

    private void begin(
            ResourceID ambassador, Wanted entry, RelayPod pod, String revision, int refreshed, boolean written) {
        PodDelivery[] self = new PodDelivery[1];
        PodDelivery delivery = new PodDelivery(vertx, refreshes, questions, pod, revision, refreshed, () -> {
            if (entry.byUid.get(pod.uid()) == self[0]) {
                entry.told.put(pod.uid(), new Told(revision, self[0].known()));
                changed.accept(ambassador);
            }
        });
        self[0] = delivery;
        entry.told.remove(pod.uid());
        entry.byUid.put(pod.uid(), delivery);
        delivery.start(written);
    }

    private void sample() {
        wanted.entrySet().removeIf(entry -> {
            boolean gone = !lives.test(entry.getKey());
            if (gone) {
                entry.getValue().byUid.values().forEach(PodDelivery::stop);
            }
            return gone;
        });
        for (Wanted entry : wanted.values()) {
            List<PodDelivery> deliveries = new ArrayList<>(entry.byUid.values());
            Collections.shuffle(deliveries);
            deliveries.stream().limit(SAMPLE_SIZE).forEach(PodDelivery::sample);
        }
    }
}
