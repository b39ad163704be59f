package link.ambassador.operator.sidecar;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import link.ambassador.informer.Informers;
import link.ambassador.model.SidecarAmbassador;
import link.ambassador.model.SidecarAmbassadors;
import link.ambassador.model.StoredAmbassador;

/**
 * The Ambassadors with sidecars, of every namespace or of those that the operator is limited to. They are read as they are
 * stored, so one that cannot be read hides no other ({@link StoredAmbassador}). Callable from any thread.
 */
public final class AmbassadorCache implements SidecarAmbassadors {
    private final List<BiConsumer<Optional<SidecarAmbassador>, Optional<SidecarAmbassador>>> listeners =
            new CopyOnWriteArrayList<>();

    /** Read directly, because an informer shows its store only once it is started. */
    private final List<AmbassadorStore> stores = new CopyOnWriteArrayList<>();

    private final Informers<GenericKubernetesResource> informers;

    /** @param namespaces empty for every namespace */
    public AmbassadorCache(KubernetesClient kubernetes, Set<String> namespaces) {
        this.informers = Informers.of(
                        "Ambassadors", kubernetes.genericKubernetesResources(StoredAmbassador.CONTEXT), namespaces)
                .storedIn(() -> {
                    AmbassadorStore store =
                            new AmbassadorStore(kubernetes.getKubernetesSerialization(), this::notifyListeners);
                    stores.add(store);
                    return store;
                });
    }

    /** See {@link Informers#start}. */
    public CompletableFuture<Void> start() {
        return informers.start();
    }

    public void stop() {
        informers.stop();
    }

    /**
     * Adds a listener, which hears of changes from now on, and of no gateway.
     *
     * @param listener called with an Ambassador before and after a change: empty before it exists and after it is gone. It is
     *     called on the informers' threads, with one change of an Ambassador after the other; must not block
     */
    public void listen(BiConsumer<Optional<SidecarAmbassador>, Optional<SidecarAmbassador>> listener) {
        listeners.add(listener);
    }

    private void notifyListeners(Optional<SidecarAmbassador> before, Optional<SidecarAmbassador> after) {
        listeners.forEach(listener -> listener.accept(before, after));
    }

    @Override
    public Collection<SidecarAmbassador> in(String namespace) {
        return stores.stream().flatMap(store -> store.in(namespace).stream()).toList();
    }

    @Override
    public boolean isSynced() {
        return informers.isSynced();
    }
}
