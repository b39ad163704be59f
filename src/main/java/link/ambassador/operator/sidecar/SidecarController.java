package link.ambassador.operator.sidecar;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.config.LinkTable;
import link.ambassador.model.NamespaceServices;
import link.ambassador.model.PodTable;
import link.ambassador.model.SidecarAmbassador;
import link.ambassador.model.SidecarAmbassadors;
import link.ambassador.model.TableOutcome;
import link.ambassador.operator.delivery.FairTurns;
import link.ambassador.operator.delivery.RelayPolls;
import link.ambassador.operator.sidecar.PodTableWriter.Told;

/**
 * The sidecars of all namespaces that are reconciled: watches pods and Ambassadors, and once this process leads has every
 * pod's table delivered. Callable from any thread.
 */
public final class SidecarController implements AutoCloseable {
    /** What the operator does to pods and asks of others. */
    public record Outside(PodTableWriter.Writes writes, RelayPolls questions, KubernetesClient kubernetes) {}

    /** Of the API server at once, each of which holds a thread of those that others need. */
    private static final int MOST_GETS = 8;

    private static final int MOST_GETS_OF_A_NAMESPACE = 2;

    private final Vertx vertx;
    private final SidecarAmbassadors ambassadors;
    private final NamespaceServices services;
    private final Outside outside;
    private final BiConsumer<String, String> changed;
    private final Map<String, LinkTable> lastServed = new ConcurrentHashMap<>();
    private final FairTurns asking;
    private final ConsumerPods pods;
    private final InjectedNamespaces injected;
    private volatile PodTableWriter tables;
    private volatile boolean closed;

    /**
     * Begins to watch pods.
     *
     * @param ambassadors tells {@link #ambassadorChanged} of every change
     * @param services tells {@link #serviceChanged} of every change
     * @param namespaces empty for every namespace
     * @param changed told of an Ambassador, by namespace and name, when its status may be another; must not block
     */
    public SidecarController(
            Vertx vertx,
            SidecarAmbassadors ambassadors,
            NamespaceServices services,
            Set<String> namespaces,
            Outside outside,
            BiConsumer<String, String> changed) {
        this.vertx = vertx;
        this.ambassadors = ambassadors;
        this.services = services;
        this.outside = outside;
        this.changed = changed;
        this.asking = new FairTurns(vertx, MOST_GETS, MOST_GETS_OF_A_NAMESPACE);
        this.injected = new InjectedNamespaces(outside.kubernetes(), System::nanoTime);
        this.pods = new ConsumerPods(outside.kubernetes(), namespaces, this::podChanged);
    }

    /** Whether it has every pod that there is. */
    public boolean hasPods() {
        return pods.isSynced();
    }

    /** Has {@code task} run where the tables of pods are made; at once while none are, because another process leads. */
    public void execute(Runnable task) {
        PodTableWriter now = tables;
        if (now == null) {
            task.run();
        } else {
            now.execute(task);
        }
    }

    /** From now on this process is the one that writes; at once when its caches are filled, else as soon as they are. */
    public void lead(Runnable begun) {
        if (closed) {
            return;
        }
        if (!pods.isSynced() || !ambassadors.isSynced()) {
            vertx.setTimer(50, elapsed -> lead(begun));
            return;
        }
        TablesThread.of(vertx).onSuccess(context -> {
            begin(context);
            begun.run();
        });
    }

    private void begin(Context context) {
        synchronized (this) {
            if (tables == null && !closed) {
                tables = new PodTableWriter(
                        vertx,
                        context,
                        ambassadors,
                        pods,
                        outside.writes(),
                        outside.questions(),
                        new MissingSourceCheck(ambassadors, this::exists),
                        this::tellItsAmbassadors,
                        this::tellAll);
            }
        }
    }

    /** An Ambassador with sidecars as it was and as it is; empty for one that was not or is not. */
    public void ambassadorChanged(Optional<SidecarAmbassador> before, Optional<SidecarAmbassador> after) {
        SidecarAmbassador one = after.or(() -> before).orElseThrow();
        PodTableWriter now = tables;
        if (now != null) {
            if (after.isEmpty()) {
                now.deleted(one.namespace(), one.name());
                lastServed.remove(one.uid());
            }
            // Those that share a pod with it may have lost a port to it, or won one.
            now.lookAtSelected(one.namespace(), before, after);
        }
    }

    /** Another set of ports. */
    public void serviceChanged(String namespace, String name) {
        ambassadors.in(namespace).stream()
                .filter(ambassador -> ambassador.outcome() instanceof TableOutcome.Table asked
                        && asked.table().links().stream()
                                .anyMatch(link -> link.alias().equals(name)))
                .forEach(ambassador -> changed.accept(namespace, ambassador.name()));
    }

    /** What there is to tell of an Ambassador that places sidecars; asks the API server about its namespace when pods lack a relay. */
    public SidecarState see(Ambassador ambassador) {
        SidecarAmbassador one = SidecarAmbassador.of(ambassador).orElseThrow();
        List<ConsumerPod> selected = pods.in(one.namespace()).stream()
                .filter(pod -> one.selects(pod.labels()) && !pod.ended())
                .toList();
        boolean disabled = selected.stream().anyMatch(ConsumerPod::lacksRelay) && injected.isDisabled(one.namespace());
        SidecarState state = SidecarState.of(
                one,
                new SidecarState.Around(
                        disabled
                                ? selected.stream()
                                        .map(ConsumerPod::inDisabledNamespace)
                                        .toList()
                                : selected,
                        this::told,
                        this::table,
                        service -> services.ports(one.namespace(), service)),
                Optional.ofNullable(lastServed.get(one.uid())));
        state.served().ifPresent(table -> lastServed.put(one.uid(), table));
        return state;
    }

    private Optional<Told> told(ConsumerPod pod) {
        PodTableWriter now = tables;
        return now == null ? Optional.empty() : now.told(pod.relay().uid());
    }

    /** Before a pod is told, so that an operator that has just started does not take back what the one before it said. */
    private Optional<PodTable> table(ConsumerPod pod) {
        return told(pod)
                .map(Told::table)
                .or(() -> pod.injected() && ambassadors.isSynced()
                        ? Optional.of(PodTable.of(
                                pod.labels(),
                                ambassadors.in(pod.relay().namespace()),
                                pod.table(),
                                PodTable.MOST_BYTES))
                        : Optional.empty());
    }

    @Override
    public void close() {
        closed = true;
        pods.close();
        PodTableWriter now = tables;
        if (now != null) {
            now.close();
        }
    }

    /** While no tables are made nothing is told either: everybody is told of when that begins. */
    private void podChanged(Optional<ConsumerPod> before, Optional<ConsumerPod> after) {
        PodTableWriter now = tables;
        if (now != null) {
            now.look(after.or(() -> before).orElseThrow());
            Stream.of(before, after).flatMap(Optional::stream).forEach(now::tellLater);
        }
    }

    private void tellAll(String namespace) {
        ambassadors.in(namespace).forEach(ambassador -> changed.accept(namespace, ambassador.name()));
    }

    private void tellItsAmbassadors(ConsumerPod pod) {
        Collection<SidecarAmbassador> all = ambassadors.in(pod.relay().namespace());
        Consumer<SidecarAmbassador> tell = ambassador -> changed.accept(ambassador.namespace(), ambassador.name());
        all.stream().filter(ambassador -> ambassador.selects(pod.labels())).forEach(tell);
    }

    private Future<Boolean> exists(String namespace, String name) {
        return asking.run(
                namespace,
                () -> vertx.executeBlocking(
                        () -> Optional.ofNullable(outside.kubernetes()
                                        .resources(Ambassador.class)
                                        .inNamespace(namespace)
                                        .withName(name)
                                        .get())
                                .flatMap(SidecarAmbassador::of)
                                .isPresent(),
                        false));
    }
}
