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
import java.util.stream.Collectors;
import java.util.stream.Stream;
import link.ambassador.config.Annotations;
import link.ambassador.config.LinkTable;
import link.ambassador.model.PodTable;
import link.ambassador.model.SidecarAmbassador;
import link.ambassador.model.SidecarAmbassadors;
import link.ambassador.operator.delivery.KubeletRefresh;
import link.ambassador.operator.delivery.PodAnnotations;
import link.ambassador.operator.delivery.PodDelivery;
import link.ambassador.operator.delivery.RelayPod;
import link.ambassador.operator.delivery.RelayPolls;
import link.ambassador.operator.delivery.RelaySync;

/**
 * Keeps the annotation of each pod with a sidecar at the table that the Ambassadors which select it make, and asks the relay
 * until it serves that.
 *
 * <pre>
 *   pod or Ambassador changed ──► settle(pod): table from the caches ──differs from the annotation──► write ─► ask … acknowledged
 *                                     ▲                             ──the same──────────────────────────────► ask … acknowledged
 *                                     └── the annotation changed under us, or 30 s went by
 * </pre>
 *
 * A table is computed when it is looked at, from whatever the caches hold, so of two edits at one moment the later look has
 * both. Writes to one pod follow each other, never overtake. Every method may be called from any thread; the work happens on
 * one Vert.x context.
 */
public final class PodTableWriter implements AutoCloseable {
    /** How often every pod is looked at again, and a few relays of each namespace are asked what their connects learned. */
    private static final Duration AGAIN = Duration.ofSeconds(30);

    private static final int SAMPLE_SIZE = 5;

    /**
     * What a pod was told, and how it stands.
     *
     * @param table that it is to serve
     * @param known of its relay, with regard to that table
     */
    record Told(PodTable table, RelaySync known) {}

    /** Writes annotations of a pod. */
    public interface Writes {
        /** Completes on the caller's context; fails when the API server refused or did not answer. */
        Future<KubeletRefresh.Outcome> write(RelayPod pod, Map<String, String> annotations);
    }

    /** What waits for its turn on the context. Informers only say it: they have the changes of all namespaces, one by one. */
    private sealed interface Work permits Look, LookAtSelected, Tell, TellAll {}

    private record Look(String namespace, String name, String uid) implements Work {}

    /** Those that an Ambassador selected or selects. */
    private record LookAtSelected(Optional<SidecarAmbassador> before, Optional<SidecarAmbassador> after)
            implements Work {
        String namespace() {
            return after.or(() -> before).orElseThrow().namespace();
        }
    }

    private record Tell(ConsumerPod pod) implements Work {}

    /** All Ambassadors of a namespace. */
    private record TellAll(String namespace) implements Work {}

    private final Vertx vertx;
    private final Context context;
    private final FairWork<Work> waiting;
    private final SidecarAmbassadors ambassadors;
    private final Pods pods;
    private final Writes writes;
    private final RelayPolls questions;
    private final MissingSourceCheck unseen;
    private final Consumer<ConsumerPod> changed;
    private final Consumer<String> allChanged;
    private final Map<String, PodEntry> entries = new HashMap<>();
    private boolean closed;
    private final Map<String, Told> told = new ConcurrentHashMap<>();

    /**
     * Starts at once: every pod is looked at. Both caches must have been filled.
     *
     * @param context which everything happens on; not an event loop that others need, since a pod's table takes milliseconds
     * @param changed told when a pod is given another table, or it or what is known of its relay changed; must not block
     * @param allChanged told when something changed that all Ambassadors of a namespace may tell of; must not block
     */
    PodTableWriter(
            Vertx vertx,
            Context context,
            SidecarAmbassadors ambassadors,
            Pods pods,
            Writes writes,
            RelayPolls questions,
            MissingSourceCheck unseen,
            Consumer<ConsumerPod> changed,
            Consumer<String> allChanged) {
        this.vertx = vertx;
        this.context = context;
        this.waiting = new FairWork<>(context, this::run);
        this.ambassadors = ambassadors;
        this.pods = pods;
        this.writes = writes;
        this.questions = questions;
        this.unseen = unseen;
        this.changed = changed;
        this.allChanged = allChanged;
        context.runOnContext(now -> {
            lookAtAll();
            vertx.setPeriodic(AGAIN.toMillis(), elapsed -> again());
        });
    }

    /** Something that the pod's table is made of, or the pod itself, changed. */
    void look(ConsumerPod pod) {
        RelayPod relay = pod.relay();
        waiting.add(relay.namespace(), new Look(relay.namespace(), relay.name(), relay.uid()));
    }

    /** An Ambassador changed: every pod that it selected or selects is looked at, and all that share a pod with it tell anew. */
    void lookAtSelected(String namespace, Optional<SidecarAmbassador> before, Optional<SidecarAmbassador> after) {
        waiting.add(namespace, new LookAtSelected(before, after));
        waiting.add(namespace, new TellAll(namespace));
    }

    /** The Ambassadors that select the pod are told of. */
    void tellLater(ConsumerPod pod) {
        waiting.add(pod.relay().namespace(), new Tell(pod));
    }

    private void run(Work work) {
        if (work instanceof Look look) {
            pods.get(look.namespace(), look.name(), look.uid()).ifPresentOrElse(this::settle, () -> forget(look.uid()));
        } else if (work instanceof LookAtSelected change) {
            pods.in(change.namespace()).stream()
                    .filter(pod -> Stream.of(change.before(), change.after())
                            .flatMap(Optional::stream)
                            .anyMatch(ambassador -> ambassador.selects(pod.labels())))
                    .forEach(this::look);
        } else if (work instanceof Tell tell) {
            changed.accept(tell.pod());
        } else if (work instanceof TellAll tell) {
            allChanged.accept(tell.namespace());
        }
    }

    /** Has {@code task} run after what waits already. */
    void execute(Runnable task) {
        context.runOnContext(now -> task.run());
    }

    /** The Ambassador is gone for certain, and so may its links. */
    void deleted(String namespace, String name) {
        context.runOnContext(now -> unseen.deleted(namespace, name));
    }

    /** Empty when the pod was not looked at yet, or has no sidecar. */
    Optional<Told> told(String uid) {
        return Optional.ofNullable(told.get(uid));
    }

    /** Nothing is begun any more; what is under way ends. */
    @Override
    public void close() {
        context.runOnContext(now -> {
            closed = true;
            entries.values().forEach(entry -> entry.delivery.stop());
        });
    }

    private void settle(ConsumerPod pod) {
        if (closed) {
            return;
        }
        if (!pod.serves()) {
            forget(pod.relay().uid());
            return;
        }
        Optional<LinkTable> current = pod.table();
        if (unseen.mustBeAskedFor(pod, current, () -> look(pod))) {
            return;
        }
        PodTable table =
                PodTable.of(pod.labels(), ambassadors.in(pod.relay().namespace()), current, PodTable.MOST_BYTES);
        boolean written = current.filter(has -> has.links().equals(table.table().links())
                        && has.revision().equals(table.table().revision()))
                .isPresent();
        PodEntry entry = entries.computeIfAbsent(
                pod.relay().uid(), uid -> new PodEntry(pod.relay().namespace()));
        boolean same = entry.delivery != null
                && entry.table.table().revision().equals(table.table().revision());
        boolean undone = same && !written && entry.isAtItsEnd();
        entry.lacksTable = same && !written && !undone;
        if (same && !undone) {
            boolean leftOutChanged = !entry.table.leftOut().equals(table.leftOut())
                    || !entry.table.youngest().equals(table.youngest());
            entry.table = table;
            entry.delivery.update(pod.relay());
            tell(pod, entry);
            if (leftOutChanged) {
                changed.accept(pod);
            }
            return;
        }
        begin(pod, entry, table, !written);
    }

    private void begin(ConsumerPod pod, PodEntry entry, PodTable table, boolean write) {
        if (entry.delivery != null) {
            entry.delivery.stop();
        }
        PodDelivery[] self = new PodDelivery[1];
        PodDelivery delivery = new PodDelivery(
                vertx,
                (relay, revision, count) -> write(entry, self[0], pod, relay, table, count),
                questions,
                pod.relay(),
                table.table().revision().orElseThrow(),
                0,
                () -> {
                    if (entry.delivery == self[0]) {
                        tell(pod, entry);
                        changed.accept(pod);
                        lookAgain(pod, entry);
                    }
                });
        self[0] = delivery;
        entry.delivery = delivery;
        entry.table = table;
        tell(pod, entry);
        changed.accept(pod);
        delivery.start(write);
    }

    /** After the write before it, so that an older table never lands on a newer one; none at all when it is outdated by then. */
    private Future<KubeletRefresh.Outcome> write(
            PodEntry entry, PodDelivery delivery, ConsumerPod pod, RelayPod relay, PodTable table, int count) {
        Map<String, String> annotations = PodAnnotations.counted(Annotations.LINKS, table.json(), count);
        entry.write = entry.write
                .otherwise(KubeletRefresh.Outcome.SENT)
                .compose(before -> entry.delivery == delivery
                        ? writes.write(relay, annotations)
                        : Future.succeededFuture(KubeletRefresh.Outcome.SENT));
        entry.write.onComplete(ended -> lookAgain(pod, entry));
        return entry.write;
    }

    /** What was left to a delivery or a write that has ended now, in case that did not see to it. */
    private void lookAgain(ConsumerPod pod, PodEntry entry) {
        if (entry.lacksTable && entry.isAtItsEnd()) {
            entry.lacksTable = false;
            look(pod);
        }
    }

    private void tell(ConsumerPod pod, PodEntry entry) {
        told.put(pod.relay().uid(), new Told(entry.table, entry.delivery.known()));
    }

    private void forget(String uid) {
        PodEntry entry = entries.remove(uid);
        if (entry != null) {
            entry.delivery.stop();
        }
        told.remove(uid);
    }

    private void again() {
        unseen.forgetTheGone();
        lookAtAll();
        Map<String, List<PodEntry>> byNamespace =
                entries.values().stream().collect(Collectors.groupingBy(entry -> entry.namespace));
        byNamespace.values().forEach(all -> {
            Collections.shuffle(all);
            all.stream().limit(SAMPLE_SIZE).forEach(entry -> entry.delivery.sample());
        });
    }

    private void lookAtAll() {
        pods.all().forEach(this::look);
    }
}
