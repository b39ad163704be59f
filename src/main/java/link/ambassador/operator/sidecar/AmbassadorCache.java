package link.ambassador.operator.sidecar;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import link.ambassador.informer.Informers;
import link.ambassador.model.CaBundles;
import link.ambassador.model.SidecarAmbassador;
import link.ambassador.model.SidecarAmbassadors;
import link.ambassador.model.StoredAmbassador;
import org.jboss.logging.Logger;

/**
 * The Ambassadors with sidecars, of every namespace or of those that the operator is limited to. They are read as they are
 * stored, so one that cannot be read hides no other ({@link StoredAmbassador}). Callable from any thread.
 */
public final class AmbassadorCache implements SidecarAmbassadors {
    private final List<BiConsumer<Optional<SidecarAmbassador>, Optional<SidecarAmbassador>>> listeners =
            new CopyOnWriteArrayList<>();

    /** Read directly, because an informer shows its store only once it is started. */
    private final List<Store> stores = new CopyOnWriteArrayList<>();

    private final Informers<GenericKubernetesResource> informers;

    /**
     * A cache that is not started.
     *
     * @param namespaces empty for every namespace
     * @param bundles the ConfigMaps that links name; whose owner calls {@link #bundleChanged} after every change
     */
    public AmbassadorCache(KubernetesClient kubernetes, Set<String> namespaces, CaBundles bundles) {
        this.informers = Informers.of(
                        "Ambassadors", kubernetes.genericKubernetesResources(StoredAmbassador.CONTEXT), namespaces)
                .storedIn(() -> {
                    Store store = new Store(kubernetes.getKubernetesSerialization(), bundles, this::notifyListeners);
                    stores.add(store);
                    return store;
                });
    }

    /** See {@link Informers#start}. */
    public CompletionStage<Void> start() {
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

    /** Called after each change of a ConfigMap that links may name. */
    public void bundleChanged(String namespace, String configMap) {
        stores.forEach(store -> store.bundleChanged(namespace));
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

    /**
     * The store of one informer: of Ambassadors with sidecars it keeps what matters to pods, of all others only that they exist. It is a
     * store and not an event handler, so that it is complete as soon as the informer is synced.
     */
    private static final class Store extends BasicItemStore<GenericKubernetesResource> {
        private static final Logger LOG = Logger.getLogger(AmbassadorCache.class);

        private final Map<String, Map<String, SidecarAmbassador>> byNamespace = new ConcurrentHashMap<>();

        /** Whole ones whose links may name a ConfigMap, by namespace and key; guarded by this. */
        private final Map<String, Map<String, GenericKubernetesResource>> withTls = new HashMap<>();

        private final KubernetesSerialization serialization;
        private final CaBundles bundles;
        private final BiConsumer<Optional<SidecarAmbassador>, Optional<SidecarAmbassador>> listener;

        /** @param listener called with an Ambassador before and after a change, on the informer's thread */
        Store(
                KubernetesSerialization serialization,
                CaBundles bundles,
                BiConsumer<Optional<SidecarAmbassador>, Optional<SidecarAmbassador>> listener) {
            super(Cache::metaNamespaceKeyFunc);
            this.serialization = serialization;
            this.bundles = bundles;
            this.listener = listener;
        }

        Collection<SidecarAmbassador> in(String namespace) {
            return List.copyOf(byNamespace.getOrDefault(namespace, Map.of()).values());
        }

        @Override
        public GenericKubernetesResource put(String key, GenericKubernetesResource stored) {
            synchronized (this) {
                if (StoredAmbassador.mayNameConfigMaps(stored)) {
                    withTls.computeIfAbsent(stored.getMetadata().getNamespace(), name -> new HashMap<>())
                            .put(key, stored);
                } else {
                    forget(stored.getMetadata().getNamespace(), key);
                }
                keep(key, stored);
            }
            return super.put(key, trimmed(stored));
        }

        private void keep(String key, GenericKubernetesResource stored) {
            String namespace = stored.getMetadata().getNamespace();
            Optional<SidecarAmbassador> before = cached(namespace, key);
            keep(namespace, key, before, StoredAmbassador.sidecar(stored, serialization, before, bundles));
        }

        private void forget(String namespace, String key) {
            withTls.computeIfPresent(namespace, (name, all) -> {
                all.remove(key);
                return all.isEmpty() ? null : all;
            });
        }

        synchronized void bundleChanged(String namespace) {
            withTls.getOrDefault(namespace, Map.of()).forEach(this::keep);
        }

        @Override
        public GenericKubernetesResource remove(String key) {
            GenericKubernetesResource removed = super.remove(key);
            if (removed != null) {
                String namespace = removed.getMetadata().getNamespace();
                synchronized (this) {
                    forget(namespace, key);
                    keep(namespace, key, cached(namespace, key), Optional.empty());
                }
            }
            return removed;
        }

        @Override
        public boolean isFullState() {
            return false;
        }

        private Optional<SidecarAmbassador> cached(String namespace, String key) {
            return Optional.ofNullable(
                    byNamespace.getOrDefault(namespace, Map.of()).get(key));
        }

        private void keep(
                String namespace, String key, Optional<SidecarAmbassador> before, Optional<SidecarAmbassador> after) {
            if (before.equals(after)) {
                return;
            }
            byNamespace.compute(namespace, (name, all) -> {
                Map<String, SidecarAmbassador> kept = all == null ? new ConcurrentHashMap<>() : all;
                after.ifPresentOrElse(ambassador -> kept.put(key, ambassador), () -> kept.remove(key));
                return kept.isEmpty() ? null : kept;
            });
            try {
                listener.accept(before, after);
            } catch (RuntimeException e) {
                // The informer would treat this as its own failure, and list everything again.
                LOG.errorf(e, "cannot process a change of the Ambassador %s", key);
            }
        }

        private static GenericKubernetesResource trimmed(GenericKubernetesResource stored) {
            return new GenericKubernetesResourceBuilder()
                    .withNewMetadata()
                    .withNamespace(stored.getMetadata().getNamespace())
                    .withName(stored.getMetadata().getName())
                    .withUid(stored.getMetadata().getUid())
                    .withResourceVersion(stored.getMetadata().getResourceVersion())
                    .endMetadata()
                    .build();
        }
    }
}
