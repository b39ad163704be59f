package link.ambassador.operator.sidecar;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;

/** Every pod of the namespaces that are reconciled, from informers. */
public final class ConsumerPods implements Pods, AutoCloseable {
    /**
     * How many are read at once when it is filled. Ten thousand as the API server tells them, before they are reduced, did
     * not fit into the heap of an operator that has all their rest in a third of it.
     */
    private static final long PAGE = 500;

    private final List<SharedIndexInformer<Pod>> informers = new ArrayList<>();

    /**
     * Begins to fill; {@link #isSynced} says when that is done.
     *
     * @param namespaces empty for every namespace
     * @param changed told of a pod as it was and as it is, on the informer's thread; must not block
     */
    public ConsumerPods(
            KubernetesClient kubernetes,
            Set<String> namespaces,
            BiConsumer<Optional<ConsumerPod>, Optional<ConsumerPod>> changed) {
        if (namespaces.isEmpty()) {
            begin(kubernetes.pods().inAnyNamespace().withLimit(PAGE).runnableInformer(0), changed);
        }
        namespaces.forEach(namespace ->
                begin(kubernetes.pods().inNamespace(namespace).withLimit(PAGE).runnableInformer(0), changed));
    }

    private void begin(
            SharedIndexInformer<Pod> informer, BiConsumer<Optional<ConsumerPod>, Optional<ConsumerPod>> changed) {
        informers.add(informer);
        CompletionStage<Void> started = informer.itemStore(new ReducedStore<>(ConsumerPod::reduced))
                // Forever: an API server that is away for a while must not leave an operator blind.
                .exceptionHandler((isStarted, failure) -> true)
                .addEventHandler(new Handler(changed))
                .start();
        started.exceptionally(failure -> null);
    }

    @Override
    public Collection<ConsumerPod> in(String namespace) {
        return informers.stream()
                .flatMap(informer -> informer.getIndexer().byIndex(Cache.NAMESPACE_INDEX, namespace).stream())
                .map(ConsumerPod::of)
                .toList();
    }

    @Override
    public Collection<ConsumerPod> all() {
        return informers.stream()
                .flatMap(informer -> informer.getStore().list().stream())
                .map(ConsumerPod::of)
                .toList();
    }

    @Override
    public Optional<ConsumerPod> get(String namespace, String name, String uid) {
        String key = Cache.namespaceKeyFunc(namespace, name);
        return informers.stream()
                .map(informer -> informer.getIndexer().getByKey(key))
                .filter(pod -> pod != null && uid.equals(pod.getMetadata().getUid()))
                .findFirst()
                .map(ConsumerPod::of);
    }

    /** Whether it has all that there is: before that, what is missing says nothing. */
    boolean isSynced() {
        return informers.stream().allMatch(SharedIndexInformer::hasSynced);
    }

    @Override
    public void close() {
        informers.forEach(SharedIndexInformer::stop);
    }

    private record Handler(BiConsumer<Optional<ConsumerPod>, Optional<ConsumerPod>> changed)
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
