package link.ambassador.operator.sidecar;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import link.ambassador.model.SidecarAmbassador;
import link.ambassador.model.StoredAmbassador;
import org.jboss.logging.Logger;

/**
 * The store of one informer: of Ambassadors with sidecars it keeps what matters to pods, of all others only that they exist. It is a
 * store and not an event handler, so that it is complete as soon as the informer is synced.
 */
final class AmbassadorStore extends BasicItemStore<GenericKubernetesResource> {
    private static final Logger LOG = Logger.getLogger(AmbassadorStore.class);

    private final Map<String, Map<String, SidecarAmbassador>> byNamespace = new ConcurrentHashMap<>();
    private final KubernetesSerialization serialization;
    private final BiConsumer<Optional<SidecarAmbassador>, Optional<SidecarAmbassador>> listener;

    /** @param listener called with an Ambassador before and after a change, on the informer's thread */
    AmbassadorStore(
            KubernetesSerialization serialization,
            BiConsumer<Optional<SidecarAmbassador>, Optional<SidecarAmbassador>> listener) {
        super(Cache::metaNamespaceKeyFunc);
        this.serialization = serialization;
        this.listener = listener;
    }

    Collection<SidecarAmbassador> in(String namespace) {
        return List.copyOf(byNamespace.getOrDefault(namespace, Map.of()).values());
    }

    @Override
    public GenericKubernetesResource put(String key, GenericKubernetesResource stored) {
        String namespace = stored.getMetadata().getNamespace();
        Optional<SidecarAmbassador> before = cached(namespace, key);
        keep(namespace, key, before, StoredAmbassador.sidecar(stored, serialization, before));
        return super.put(key, trimmed(stored));
    }

    @Override
    public GenericKubernetesResource remove(String key) {
        GenericKubernetesResource removed = super.remove(key);
        if (removed != null) {
            String namespace = removed.getMetadata().getNamespace();
            keep(namespace, key, cached(namespace, key), Optional.empty());
        }
        return removed;
    }

    @Override
    public boolean isFullState() {
        return false;
    }

    private Optional<SidecarAmbassador> cached(String namespace, String key) {
        return Optional.ofNullable(byNamespace.getOrDefault(namespace, Map.of()).get(key));
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
