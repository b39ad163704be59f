package link.ambassador.operator.sidecar;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import link.ambassador.config.LinkTable;
import link.ambassador.model.PodTable;
import link.ambassador.model.SidecarAmbassador;
import link.ambassador.model.SidecarAmbassadors;
import link.ambassador.model.StagedTargets;
import link.ambassador.operator.delivery.HealthPolls;
import link.ambassador.operator.delivery.HoldPolls;
import link.ambassador.operator.delivery.PodAnnotations;
import link.ambassador.operator.delivery.PodAnnotations.Outcome;
import link.ambassador.operator.delivery.PodDelivery;
import link.ambassador.operator.delivery.RelayPod;
import link.ambassador.operator.delivery.RelayStatus;
import link.ambassador.operator.delivery.RelaySync;

/**
 * Keeps the annotation of each pod with a sidecar at the table that the Ambassadors which select the pod make, and polls the relay
 * until it serves that table.
 *
 * <pre>
 *   pod or Ambassador changed ─► reconcile(pod): table from the caches ─differs from the annotation─► write ─► poll … acknowledged
 *                                    ▲                              ─the same────────────────────────────► poll … acknowledged
 *                                    └── somebody else wrote the annotation, or 30 s went by
 * </pre>
 *
 * A pod's table is computed when the pod's turn comes, from what the caches have then. So after two edits at one moment, the later
 * turn has both. Writes to one pod follow each other and never overtake. Every method may be called from any thread; the work
 * happens on one Vert.x context.
 */
public final class PodTableWriter implements AutoCloseable {
    /** How often every pod is reconciled again, and a few relays of each namespace are polled for what their connects learned. */
    private static final Duration AGAIN = Duration.ofSeconds(30);

    private static final int SAMPLE_SIZE = 5;

    /** How pods are written to, and relays polled. */
    public record Io(PodAnnotations.Write write, Function<RelayPod, Future<RelayStatus>> poll) {}

    /**
     * How far a pod is.
     *
     * @param table the one that it is to serve
     * @param sync how far its relay is with that table
     */
    record PodState(PodTable table, RelaySync sync) {}

    private sealed interface Work permits OnePod, Selected {}

    private record OnePod(String namespace, String name, String uid) implements Work {}

    /** The pods that an Ambassador selected or selects. */
    private record Selected(String namespace, Optional<SidecarAmbassador> before, Optional<SidecarAmbassador> after)
            implements Work {}

    private final Vertx vertx;
    private final Context context;
    private final FairWork<Work> queue;
    private final SidecarAmbassadors ambassadors;
    private final Pods pods;
    private final Io io;
    private final MissingSourceCheck missingSources;
    private final Consumer<ConsumerPod> changed;
    private final HoldPolls holdPolls = new HoldPolls();
    private final HealthPolls healthPolls = new HealthPolls();
    private final Map<String, PodEntry> entries = new HashMap<>();
    private final Map<String, PodState> states = new ConcurrentHashMap<>();
    private boolean closed;

    /**
     * Starts with every pod. Both caches are filled.
     *
     * @param context where everything happens; not an event loop that others need, because one table takes milliseconds
     * @param changed called on the context with a pod that is given another table, or whose {@link #state} changed; must not block
     */
    PodTableWriter(
            Vertx vertx,
            Context context,
            SidecarAmbassadors ambassadors,
            Pods pods,
            Io io,
            MissingSourceCheck missingSources,
            Consumer<ConsumerPod> changed) {
        this.vertx = vertx;
        this.context = context;
        this.queue = new FairWork<>(context, this::run);
        this.ambassadors = ambassadors;
        this.pods = pods;
        this.io = io;
        this.missingSources = missingSources;
        this.changed = changed;
        context.runOnContext(now -> {
            enqueueAll();
            vertx.setPeriodic(AGAIN.toMillis(), elapsed -> again());
        });
    }

    /** Reconciles the pod again: the pod itself, or something that its table is made of, changed. */
    void enqueue(ConsumerPod pod) {
        RelayPod relay = pod.relay();
        queue.add(relay.namespace(), new OnePod(relay.namespace(), relay.name(), relay.uid()));
    }

    /** Reconciles every pod that an Ambassador selected or selects. */
    void enqueueSelected(String namespace, Optional<SidecarAmbassador> before, Optional<SidecarAmbassador> after) {
        queue.add(namespace, new Selected(namespace, before, after));
    }

    private void run(Work work) {
        if (work instanceof OnePod one) {
            pods.get(one.namespace(), one.name(), one.uid()).ifPresentOrElse(this::reconcile, () -> forget(one.uid()));
        } else if (work instanceof Selected selected) {
            pods.in(selected.namespace()).stream()
                    .filter(pod -> Stream.of(selected.before(), selected.after())
                            .flatMap(Optional::stream)
                            .anyMatch(ambassador -> ambassador.selects(pod.labels())))
                    .forEach(this::enqueue);
        }
    }

    /** Polls the relays of these pods that acknowledged, for what became of their connects; then their {@link #state} has it. */
    void look(List<ConsumerPod> looked) {
        context.runOnContext(now -> looked.forEach(pod -> {
            PodEntry entry = entries.get(pod.relay().uid());
            if (entry != null && !closed) {
                PodDelivery delivery = entry.delivery;
                delivery.sample().onSuccess(answered -> {
                    if (entry.delivery == delivery
                            && states.containsKey(pod.relay().uid())) {
                        publish(pod, entry);
                    }
                });
            }
        }));
    }

    /** Runs {@code task} on the context, after the tasks that wait already. */
    void execute(Runnable task) {
        context.runOnContext(now -> task.run());
    }

    /** An Ambassador was deleted for certain, so its links may go. */
    void deleted(String namespace, String name) {
        context.runOnContext(now -> missingSources.deleted(namespace, name));
    }

    /** Empty before the pod was reconciled, and when it has no sidecar. */
    Optional<PodState> state(String uid) {
        return Optional.ofNullable(states.get(uid));
    }

    /** Begins nothing any more; what is in progress ends. */
    @Override
    public void close() {
        queue.close();
        context.runOnContext(now -> {
            closed = true;
            entries.values().forEach(entry -> entry.delivery.stop());
        });
    }

    private void reconcile(ConsumerPod pod) {
        if (closed) {
            return;
        }
        if (!pod.serves()) {
            forget(pod.relay().uid());
            return;
        }
        Optional<LinkTable> current = pod.table();
        if (missingSources.mustWait(pod, current, () -> enqueue(pod))) {
            return;
        }
        PodTable table = PodTable.of(
                pod.labels(),
                StagedTargets.forPod(
                        ambassadors.in(pod.relay().namespace()),
                        Optional.of(pod.relay().uid())),
                pod.olderRelay(),
                PodTable.MOST_BYTES);
        boolean written = current.filter(has -> has.links().equals(table.table().links())
                        && has.revision().equals(table.table().revision()))
                .isPresent();
        PodEntry entry = entries.computeIfAbsent(
                pod.relay().uid(), uid -> new PodEntry(pod.relay().namespace()));
        boolean same = entry.delivery != null
                && entry.table.table().revision().equals(table.table().revision());
        boolean undone = same && !written && entry.isIdle();
        entry.lacksTable = same && !written && !undone;
        if (same && !undone) {
            keepOn(pod, entry, table);
        } else {
            begin(pod, entry, table, !written);
        }
    }

    /** What is in progress for the same revision goes on. */
    private void keepOn(ConsumerPod pod, PodEntry entry, PodTable table) {
        boolean leftOutChanged = !entry.table.leftOut().equals(table.leftOut())
                || !entry.table.youngest().equals(table.youngest());
        entry.table = table;
        entry.delivery.update(pod.relay());
        publish(pod, entry);
        if (leftOutChanged) {
            changed.accept(pod);
        }
    }

    private void begin(ConsumerPod pod, PodEntry entry, PodTable table, boolean write) {
        if (entry.delivery != null) {
            entry.delivery.stop();
        }
        int number = ++entry.number;
        entry.delivery = new PodDelivery(
                vertx,
                (relay, revision, count) -> write(entry, number, pod, relay, table, count),
                io.poll(),
                pod.relay(),
                table.table().revision().orElseThrow(),
                0,
                holdPolls,
                healthPolls,
                delivery -> {
                    if (entry.delivery == delivery) {
                        publish(pod, entry);
                        changed.accept(pod);
                        enqueueIfUndone(pod, entry);
                    }
                });
        entry.table = table;
        publish(pod, entry);
        changed.accept(pod);
        entry.delivery.start(write);
    }

    /** After the write before it, so that an older table never lands on a newer one. Writes nothing if it is outdated by then. */
    private Future<Outcome> write(
            PodEntry entry, int number, ConsumerPod pod, RelayPod relay, PodTable table, int count) {
        entry.write = entry.write
                .otherwise(Outcome.SENT)
                .compose(before -> entry.number == number
                        ? io.write().write(relay, table.json(), count)
                        : Future.succeededFuture(Outcome.SENT));
        entry.write.onComplete(ended -> enqueueIfUndone(pod, entry));
        return entry.write;
    }

    /** A delivery or a write that was to give the pod its table has ended, and may not have done so. */
    private void enqueueIfUndone(ConsumerPod pod, PodEntry entry) {
        if (entry.lacksTable && entry.isIdle()) {
            entry.lacksTable = false;
            enqueue(pod);
        }
    }

    private void publish(ConsumerPod pod, PodEntry entry) {
        states.put(pod.relay().uid(), new PodState(entry.table, entry.delivery.sync()));
    }

    private void forget(String uid) {
        PodEntry entry = entries.remove(uid);
        if (entry != null) {
            entry.delivery.stop();
        }
        states.remove(uid);
    }

    private void again() {
        missingSources.forgetDeleted();
        enqueueAll();
        Map<String, List<PodEntry>> byNamespace =
                entries.values().stream().collect(Collectors.groupingBy(entry -> entry.namespace));
        byNamespace.values().forEach(all -> {
            Collections.shuffle(all);
            all.stream().limit(SAMPLE_SIZE).forEach(entry -> entry.delivery.sample());
        });
    }

    private void enqueueAll() {
        pods.all().forEach(this::enqueue);
    }
}
