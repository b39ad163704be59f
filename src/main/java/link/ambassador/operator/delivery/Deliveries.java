package link.ambassador.operator.delivery;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import link.ambassador.model.RolloutPlan;

/**
 * Delivers revisions to the relays of gateways, and knows how far each relay is.
 *
 * <p>A relay is polled until it acknowledges. After that, a few relays of each Ambassador are polled now and then, for what their
 * connects learned of the targets. Callable from any thread; nothing here waits.
 */
public final class Deliveries {
    private static final Duration BETWEEN_SAMPLES = Duration.ofSeconds(30);
    private static final int SAMPLE_SIZE = 5;

    /** How many relays of a staged retarget are asked at each look. */
    private static final int MOST_LOOKED_AT = 50;

    /** The deliveries of one Ambassador. Only the context uses {@code byUid}; any thread reads {@code syncs}. */
    private static final class Wanted {
        private final Map<String, PodDelivery> byUid = new HashMap<>();
        private final Map<String, Known> syncs = new ConcurrentHashMap<>();

        /** When its relays were asked last how their connects go; only the context uses it. */
        private long lookedNanos = System.nanoTime() - RolloutPlan.BETWEEN_LOOKS.toNanos();
    }

    /** With its revision, because a reconcile may ask for the next one before the context knows of that. */
    private record Known(String revision, RelaySync sync) {}

    private final Vertx vertx;
    private final Context context;
    private final PodAnnotations.Write refresh;
    private final Function<RelayPod, Future<RelayStatus>> poll;
    private final Consumer<ResourceID> changed;
    private final Predicate<ResourceID> exists;
    private final HoldPolls holdPolls = new HoldPolls();
    private final HealthPolls healthPolls = new HealthPolls();
    private final Map<ResourceID, Wanted> wanted = new ConcurrentHashMap<>();

    /**
     * Without any delivery.
     *
     * @param refresh writes the revision to a pod, so that its kubelet refreshes the mounted ConfigMap now
     * @param changed called with an Ambassador when something new is known of one of its relays; must not block
     * @param exists whether the Ambassador still exists; must not block
     */
    public Deliveries(
            Vertx vertx,
            PodAnnotations.Write refresh,
            Function<RelayPod, Future<RelayStatus>> poll,
            Consumer<ResourceID> changed,
            Predicate<ResourceID> exists) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.refresh = refresh;
        this.poll = poll;
        this.changed = changed;
        this.exists = exists;
        context.runOnContext(now -> vertx.setPeriodic(BETWEEN_SAMPLES.toMillis(), elapsed -> sample()));
    }

    /**
     * Delivers {@code revision} to these relays of {@code ambassador}, and nothing to its other relays. Called at every reconcile:
     * a delivery of the same revision to the same relay goes on, unless the table was written again.
     *
     * @param written whether the table was written just now, so that no relay can have it yet. It may have the same revision as
     *     before, if somebody had edited the table; then a relay may serve the edited one
     */
    public void want(ResourceID ambassador, String revision, Collection<RelayPod> pods, boolean written) {
        List<RelayPod> serving = pods.stream().filter(RelayPod::isServing).toList();
        Wanted entry = wanted.computeIfAbsent(ambassador, id -> new Wanted());
        context.runOnContext(now -> want(ambassador, entry, revision, serving, written));
    }

    /** Polls some of these relays of {@code ambassador} that acknowledged, for what became of their connects; then {@link #syncs} has it. */
    public void look(ResourceID ambassador, Set<String> uids) {
        if (!uids.isEmpty()) {
            context.runOnContext(
                    now -> Optional.ofNullable(wanted.get(ambassador)).ifPresent(entry -> look(entry, uids)));
        }
    }

    private static void look(Wanted entry, Set<String> uids) {
        long now = System.nanoTime();
        if (now - entry.lookedNanos < RolloutPlan.BETWEEN_LOOKS.toNanos() / 2) {
            return;
        }
        entry.lookedNanos = now;
        List<String> looked = new ArrayList<>(uids);
        Collections.shuffle(looked);
        looked.stream().filter(entry.byUid::containsKey).limit(MOST_LOOKED_AT).forEach(uid -> {
            PodDelivery delivery = entry.byUid.get(uid);
            delivery.sample().onSuccess(answered -> {
                if (entry.byUid.get(uid) == delivery) {
                    entry.syncs.computeIfPresent(uid, (key, known) -> new Known(delivery.revision(), delivery.sync()));
                }
            });
        });
    }

    /** Runs {@code task} on the context, after the tasks that wait already. */
    public void execute(Runnable task) {
        context.runOnContext(now -> task.run());
    }

    /** How far each relay is with {@code revision}, by the uid of its pod; without relays that were not polled yet. */
    public Map<String, RelaySync> syncs(ResourceID ambassador, String revision) {
        Map<String, RelaySync> syncs = new HashMap<>();
        Wanted entry = wanted.get(ambassador);
        if (entry != null) {
            entry.syncs.forEach((uid, known) -> {
                if (known.revision().equals(revision)) {
                    syncs.put(uid, known.sync());
                }
            });
        }
        return syncs;
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
                entry.syncs.remove(delivery.getKey());
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
        PodDelivery delivery = new PodDelivery(
                vertx, refresh, poll, pod, revision, refreshed, holdPolls, healthPolls, changedDelivery -> {
                    if (entry.byUid.get(pod.uid()) == changedDelivery) {
                        entry.syncs.put(pod.uid(), new Known(revision, changedDelivery.sync()));
                        changed.accept(ambassador);
                    }
                });
        entry.syncs.remove(pod.uid());
        entry.byUid.put(pod.uid(), delivery);
        delivery.start(written);
    }

    private void sample() {
        wanted.entrySet().removeIf(entry -> {
            boolean gone = !exists.test(entry.getKey());
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
