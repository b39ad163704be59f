package link.ambassador.operator.sidecar;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import link.ambassador.config.Labels;
import link.ambassador.informer.Informers;

/** The pods of the operator's namespaces as sidecars see them. */
final class ConsumerPods implements Pods {
    private final Informers<Pod> informers;

    /**
     * Reads the pods of {@code informers}, which others start and stop.
     *
     * @param changed called with a pod before and after a change, on the informers' threads; must not block
     */
    ConsumerPods(Informers<Pod> informers, BiConsumer<Optional<ConsumerPod>, Optional<ConsumerPod>> changed) {
        this.informers = informers.listener(new Changes(changed));
    }

    /**
     * All pods, trimmed to what is read of a consumer's pod and of a gateway's; those of gateways are found by {@link Labels#GATEWAY}.
     *
     * @param namespaces empty for every namespace
     */
    static Informers<Pod> informers(KubernetesClient kubernetes, Set<String> namespaces) {
        return Informers.of("Pods", kubernetes.pods(), namespaces)
                .storedIn(() -> new Informers.TrimmedStore<>(TrimmedPod::of))
                .indexedByLabel(Labels.GATEWAY);
    }

    @Override
    public Collection<ConsumerPod> in(String namespace) {
        return informers.in(namespace).map(ConsumerPod::of).toList();
    }

    @Override
    public Collection<ConsumerPod> all() {
        return informers.all().map(ConsumerPod::of).toList();
    }

    @Override
    public Optional<ConsumerPod> get(String namespace, String name, String uid) {
        return informers
                .get(namespace, name)
                .filter(pod -> uid.equals(pod.getMetadata().getUid()))
                .map(ConsumerPod::of);
    }

    private record Changes(BiConsumer<Optional<ConsumerPod>, Optional<ConsumerPod>> changed)
            implements ResourceEventHandler<Pod> {
        @Override
        public void onAdd(Pod pod) {
            changed.accept(Optional.empty(), Optional.of(ConsumerPod.of(pod)));
        }

        @Override
        public void onUpdate(Pod before, Pod after) {
            if (!before.getMetadata().getUid().equals(after.getMetadata().getUid())) {
                onDelete(before, true);
                onAdd(after);
                return;
            }
            ConsumerPod was = ConsumerPod.of(before);
            ConsumerPod is = ConsumerPod.of(after);
            if (!was.equals(is)) {
                changed.accept(Optional.of(was), Optional.of(is));
            }
        }

        @Override
        public void onDelete(Pod pod, boolean finalStateUnknown) {
            changed.accept(Optional.of(ConsumerPod.of(pod)), Optional.empty());
        }
    }
}
