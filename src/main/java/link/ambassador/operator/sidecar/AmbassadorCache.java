package link.ambassador.operator.sidecar;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import link.ambassador.config.Printable;
import link.ambassador.model.SidecarAmbassador;
import link.ambassador.model.SidecarAmbassadors;
import link.ambassador.model.StoredAmbassador;
import org.jboss.logging.Logger;

/**
 * The Ambassadors with sidecars, kept up to date by a watch from {@link #start} to {@link #stop}: of every namespace, or of
 * those that the operator is limited to. One that cannot be read stops nothing ({@link StoredAmbassador}). An API server that
 * is away is asked again until it answers; what was known stays known meanwhile.
 *
 * <p>Cannot be started again. Callable from any thread.
 */
public final class AmbassadorCache implements SidecarAmbassadors {
    private static final Logger LOG = Logger.getLogger(AmbassadorCache.class);

    /** @param store read without asking the informer, which may not have been started */
    private record Informed(SharedIndexInformer<GenericKubernetesResource> informer, AmbassadorStore store) {}

    private final KubernetesClient kubernetes;
    private final Set<String> namespaces;
    private final List<BiConsumer<Optional<SidecarAmbassador>, Optional<SidecarAmbassador>>> listeners =
            new CopyOnWriteArrayList<>();
    private volatile List<Informed> informed = List.of();

    /** @param namespaces those whose Ambassadors are wanted; empty means every namespace */
    public AmbassadorCache(KubernetesClient kubernetes, Set<String> namespaces) {
        this.kubernetes = kubernetes;
        this.namespaces = Set.copyOf(namespaces);
    }

    /** Begins to fill it, and does not wait for that. */
    public void start() {
        var all = kubernetes.genericKubernetesResources(StoredAmbassador.CONTEXT);
        List<Informed> starting = new ArrayList<>();
        List<? extends Informable<GenericKubernetesResource>> scopes = namespaces.isEmpty()
                ? List.of(all.inAnyNamespace())
                : namespaces.stream().map(all::inNamespace).toList();
        for (Informable<GenericKubernetesResource> some : scopes) {
            var store = new AmbassadorStore(kubernetes.getKubernetesSerialization(), this::tell);
            var informer = some.runnableInformer(0).itemStore(store).exceptionHandler((started, failure) -> {
                LOG.warnf(
                        "restarting the Ambassador watch: %s",
                        Printable.sentence(String.valueOf(failure.getMessage())));
                return true;
            });
            starting.add(new Informed(informer, store));
        }
        informed = List.copyOf(starting);
        informed.forEach(one -> one.informer().start());
    }

    public void stop() {
        informed.forEach(one -> one.informer().stop());
    }

    /**
     * Has every change told to {@code beforeAndAfter}: nothing and an Ambassador when it is new, an Ambassador and nothing
     * when it is gone. Gateways are never told of. Those that are known already are told of only to listeners that came
     * before {@link #start}.
     *
     * @param beforeAndAfter is called by the threads that the cache is filled by, one after the other for one Ambassador; it
     *     must not wait for anything
     */
    public void listen(BiConsumer<Optional<SidecarAmbassador>, Optional<SidecarAmbassador>> beforeAndAfter) {
        listeners.add(beforeAndAfter);
    }

    private void tell(Optional<SidecarAmbassador> before, Optional<SidecarAmbassador> after) {
        listeners.forEach(listener -> listener.accept(before, after));
    }

    @Override
    public Collection<SidecarAmbassador> in(String namespace) {
        return informed.stream()
                .flatMap(one -> one.store().in(namespace).stream())
                .toList();
    }

    @Override
    public boolean isSynced() {
        return !informed.isEmpty()
                && informed.stream().allMatch(one -> one.informer().hasSynced());
    }
}
