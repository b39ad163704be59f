package link.ambassador.operator.sidecar;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.config.LinkTable;
import link.ambassador.informer.Informers;
import link.ambassador.model.CaBundles;
import link.ambassador.model.NamespaceServices;
import link.ambassador.model.PodTable;
import link.ambassador.model.RolloutPlan;
import link.ambassador.model.SidecarAmbassador;
import link.ambassador.model.SidecarAmbassadors;
import link.ambassador.model.StagedTargets;
import link.ambassador.model.TableOutcome;
import link.ambassador.operator.delivery.FairTurns;
import link.ambassador.operator.sidecar.PodTableWriter.PodState;
import link.ambassador.operator.status.ObservedState;

/**
 * The sidecars of the operator's namespaces: watches pods and Ambassadors, and delivers every pod's table once this process leads.
 * Callable from any thread.
 */
public final class SidecarController implements AutoCloseable {
    /** How many GETs the API server gets at once: each holds a thread. */
    private static final int MOST_GETS = 8;

    private static final int MOST_GETS_OF_A_NAMESPACE = 2;

    /** How many relays of a staged retarget are asked at each look. */
    private static final int MOST_LOOKED_AT = 50;

    private final Vertx vertx;
    private final SidecarAmbassadors ambassadors;
    private final NamespaceServices services;
    private final KubernetesClient kubernetes;
    private final CaBundles bundles;
    private final PodTableWriter.Io io;
    private final BiConsumer<String, String> changed;
    private final Map<String, LinkTable> lastServed = new ConcurrentHashMap<>();

    /** When relays were asked last how their connects go, in nanoseconds, by the uid of the Ambassador: each reconcile wants to know. */
    private final Map<String, Long> lastLooks = new ConcurrentHashMap<>();

    private final FairTurns gets;

    /** Not the context's own pool: only one thread makes tables, and it must not wait for the API server. */
    private final WorkerExecutor lookUps;

    private final ConsumerPods pods;
    private final InjectedNamespaces injected;
    private volatile Leading leading;
    private volatile boolean closed;

    /** What there is only while this process leads. */
    private record Leading(PodTableWriter writer, FairWork<Changed> reports, PacedReconciles paced) {}

    /**
     * Ambassadors whose status may have changed.
     *
     * @param pod all that select it; empty for all of the namespace
     */
    private record Changed(String namespace, Optional<ConsumerPod> pod) {}

    /**
     * Without writing to any pod before {@link #lead}.
     *
     * @param ambassadors whose owner calls {@link #ambassadorChanged} after every change
     * @param services whose owner calls {@link #serviceChanged} after every change
     * @param pods of {@link #pods}, not started yet
     * @param bundles the ConfigMaps that links name
     * @param changed called with the namespace and name of an Ambassador whose status may have changed; must not block
     */
    public SidecarController(
            Vertx vertx,
            SidecarAmbassadors ambassadors,
            NamespaceServices services,
            Informers<Pod> pods,
            KubernetesClient kubernetes,
            CaBundles bundles,
            PodTableWriter.Io io,
            BiConsumer<String, String> changed) {
        this.vertx = vertx;
        this.ambassadors = ambassadors;
        this.services = services;
        this.kubernetes = kubernetes;
        this.bundles = bundles;
        this.io = io;
        this.changed = changed;
        this.gets = new FairTurns(vertx, MOST_GETS, MOST_GETS_OF_A_NAMESPACE);
        this.lookUps = vertx.createSharedWorkerExecutor("ambassador-look-ups", MOST_GETS);
        this.injected = new InjectedNamespaces(kubernetes, System::nanoTime);
        this.pods = new ConsumerPods(pods, this::podChanged);
    }

    /**
     * The pods that it reads. The caller starts and stops their watch.
     *
     * @param namespaces empty for every namespace
     */
    public static Informers<Pod> pods(KubernetesClient kubernetes, Set<String> namespaces) {
        return ConsumerPods.informers(kubernetes, namespaces);
    }

    /** Runs {@code task} where the tables of pods are made; at once while another process leads. */
    public void execute(Runnable task) {
        Leading now = leading;
        if (now == null) {
            task.run();
        } else {
            now.writer().execute(task);
        }
    }

    /**
     * From now on this process writes. All caches are filled.
     *
     * @param begun called when the first pods are being looked at
     */
    public void lead(Runnable begun) {
        TablesThread.of(vertx).onSuccess(context -> {
            begin(context);
            begun.run();
        });
    }

    private synchronized void begin(Context context) {
        if (leading == null && !closed) {
            PacedReconciles paced = new PacedReconciles(vertx, context, changed);
            FairWork<Changed> reports = new FairWork<>(context, change -> report(change, paced));
            leading = new Leading(
                    new PodTableWriter(
                            vertx,
                            context,
                            ambassadors,
                            pods,
                            io,
                            new MissingSourceCheck(ambassadors, this::exists),
                            pod -> report(new Changed(pod.relay().namespace(), Optional.of(pod)), paced)),
                    reports,
                    paced);
        }
    }

    /** Called after each change of an Ambassador with sidecars; empty before it exists and after it is gone. */
    public void ambassadorChanged(Optional<SidecarAmbassador> before, Optional<SidecarAmbassador> after) {
        SidecarAmbassador ambassador = after.or(() -> before).orElseThrow();
        Leading now = leading;
        if (now != null) {
            if (after.isEmpty()) {
                now.writer().deleted(ambassador.namespace(), ambassador.name());
                lastServed.remove(ambassador.uid());
                lastLooks.remove(ambassador.uid());
            }
            now.writer().enqueueSelected(ambassador.namespace(), before, after);
            // Ambassadors that share a pod with it may have lost a port to it, or won one.
            now.reports().add(ambassador.namespace(), new Changed(ambassador.namespace(), Optional.empty()));
        }
    }

    /** Called after each change of a Service's ports. */
    public void serviceChanged(String namespace, String name) {
        ambassadors.in(namespace).stream()
                .filter(ambassador -> ambassador.outcome() instanceof TableOutcome.Table desired
                        && desired.table().links().stream()
                                .anyMatch(link -> link.alias().equals(name)))
                .forEach(ambassador -> changed.accept(namespace, ambassador.name()));
    }

    /** Observes an Ambassador that places sidecars; asks the API server about its namespace when pods lack a relay. */
    public ObservedState observe(Ambassador ambassador, ObservedState.Reconcile reconcile) {
        SidecarAmbassador observed = SidecarAmbassador.of(ambassador, bundles).orElseThrow();
        List<ConsumerPod> found = pods.in(observed.namespace()).stream()
                .filter(pod -> observed.selects(pod.labels()) && !pod.ended())
                .toList();
        List<ConsumerPod> selected =
                found.stream().anyMatch(ConsumerPod::lacksRelay) && injected.isDisabled(observed.namespace())
                        ? found.stream().map(ConsumerPod::inDisabledNamespace).toList()
                        : found;
        ObservedState state = SidecarState.observe(
                observed,
                new SidecarState.Inputs(
                        selected,
                        this::state,
                        this::table,
                        service -> services.ports(observed.namespace(), service),
                        !CaBundles.namedBy(ambassador).isEmpty()),
                Optional.ofNullable(lastServed.get(observed.uid())),
                reconcile);
        observed.staged()
                .filter(staged -> staged.preflight().isEmpty())
                .ifPresent(staged -> look(observed.uid(), staged, selected));
        state.tables().served().ifPresent(table -> lastServed.put(observed.uid(), table));
        return state;
    }

    /** Asks some relays that have the new targets how their connects go. */
    private void look(String ambassador, StagedTargets staged, List<ConsumerPod> selected) {
        Leading now = leading;
        long nanos = System.nanoTime();
        Long last = lastLooks.get(ambassador);
        boolean soon = last != null && nanos - last < RolloutPlan.BETWEEN_LOOKS.toNanos() / 2;
        if (now != null && !soon) {
            lastLooks.put(ambassador, nanos);
            List<ConsumerPod> moved = new ArrayList<>(selected.stream()
                    .filter(pod -> pod.isInjected()
                            && staged.hasNew(Optional.of(pod.relay().uid())))
                    .toList());
            Collections.shuffle(moved);
            now.writer().look(moved.stream().limit(MOST_LOOKED_AT).toList());
        }
    }

    private Optional<PodState> state(ConsumerPod pod) {
        Leading now = leading;
        return now == null ? Optional.empty() : now.writer().state(pod.relay().uid());
    }

    /** Also before a pod was looked at, so that an operator that has just started reports the same as the one before it. */
    private Optional<PodTable> table(ConsumerPod pod) {
        return state(pod)
                .map(PodState::table)
                .or(() -> pod.isInjected() && ambassadors.isSynced()
                        ? Optional.of(PodTable.of(
                                pod.labels(),
                                StagedTargets.forPod(
                                        ambassadors.in(pod.relay().namespace()),
                                        Optional.of(pod.relay().uid())),
                                pod.olderRelay(),
                                PodTable.MOST_BYTES))
                        : Optional.empty());
    }

    @Override
    public synchronized void close() {
        closed = true;
        lookUps.close();
        if (leading != null) {
            leading.reports().close();
            leading.paced().close();
            leading.writer().close();
        }
    }

    /** Nothing to do while another process leads: {@link #lead} looks at every pod. */
    private void podChanged(Optional<ConsumerPod> before, Optional<ConsumerPod> after) {
        Leading now = leading;
        if (now != null) {
            now.writer().enqueue(after.or(() -> before).orElseThrow());
            Stream.of(before, after).flatMap(Optional::stream).forEach(pod -> {
                String namespace = pod.relay().namespace();
                now.reports().add(namespace, new Changed(namespace, Optional.of(pod)));
            });
        }
    }

    private void report(Changed change, PacedReconciles paced) {
        for (SidecarAmbassador ambassador : ambassadors.in(change.namespace())) {
            if (change.pod().isEmpty() || ambassador.selects(change.pod().get().labels())) {
                paced.add(ambassador.namespace(), ambassador.name());
            }
        }
    }

    private Future<Boolean> exists(String namespace, String name) {
        return gets.run(
                namespace,
                () -> lookUps.executeBlocking(
                        () -> Optional.ofNullable(kubernetes
                                        .resources(Ambassador.class)
                                        .inNamespace(namespace)
                                        .withName(name)
                                        .get())
                                .flatMap(found -> SidecarAmbassador.of(found, bundles))
                                .isPresent(),
                        false));
    }
}
