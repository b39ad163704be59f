package link.ambassador.informer;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.dsl.AnyNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import link.ambassador.config.Printable;
import org.jboss.logging.Logger;

/**
 * The objects of one kind, kept up to date by watches: by one watch for every namespace, or by one for each namespace of a list. A
 * watch that breaks is started again, however often, with a line in the log; what was known stays known meanwhile.
 *
 * <p>Cannot be started again after {@link #stop}. Callable from any thread.
 */
public final class Informers<T extends HasMetadata> {
    private static final Logger LOG = Logger.getLogger(Informers.class);

    /** How many objects one request lists: ten thousand whole pods at once did not fit into the operator's heap. */
    private static final long PAGE = 500;

    private final String kind;
    private final List<SharedIndexInformer<T>> informers;
    private volatile boolean stopped;

    private Informers(String kind, Stream<Informable<T>> scopes) {
        this.kind = kind;
        this.informers =
                scopes.map(scope -> restarting(scope.runnableInformer(0))).toList();
    }

    /**
     * Those of some namespaces.
     *
     * @param kind for the log, in the plural: {@code Pods}
     * @param namespaces empty for every namespace
     */
    public static <T extends HasMetadata, L, R extends Resource<T>> Informers<T> of(
            String kind, MixedOperation<T, L, R> resources, Set<String> namespaces) {
        Stream<AnyNamespaceOperation<T, L, R>> scopes = namespaces.isEmpty()
                ? Stream.of(resources.inAnyNamespace())
                : namespaces.stream().map(resources::inNamespace);
        return new Informers<>(kind, scopes.map(scope -> scope.withLimit(PAGE)));
    }

    /** A single object. */
    public static <T extends HasMetadata> Informers<T> of(String kind, Resource<T> object) {
        return new Informers<>(kind, Stream.of(object));
    }

    private SharedIndexInformer<T> restarting(SharedIndexInformer<T> informer) {
        return informer.exceptionHandler((started, failure) -> {
            // A request that was under way at the stop fails when the client closes its connection.
            if (!stopped) {
                LOG.warnf("restarting the watch of %s: %s", kind, Printable.sentence(failure));
            }
            return true;
        });
    }

    /** Keeps objects in such stores, one for each watch; to be called before {@link #start}. */
    public Informers<T> storedIn(Supplier<? extends ItemStore<T>> store) {
        informers.forEach(informer -> informer.itemStore(store.get()));
        return this;
    }

    /** Lets {@link #byLabel} find objects; to be called before {@link #start}. */
    public Informers<T> indexedByLabel(String label) {
        informers.forEach(informer -> informer.addIndexers(Map.of(label, object -> Optional.ofNullable(
                        object.getMetadata().getLabels())
                .map(labels -> labels.get(label))
                .map(value -> Cache.namespaceKeyFunc(object.getMetadata().getNamespace(), value))
                .stream()
                .toList())));
        return this;
    }

    /**
     * Calls a listener for each change.
     *
     * @param listener called on threads of the client, for one object after the other; must not block
     */
    public Informers<T> listener(ResourceEventHandler<? super T> listener) {
        informers.forEach(informer -> informer.addEventHandler(listener));
        return this;
    }

    /**
     * As {@link #listener(ResourceEventHandler)}.
     *
     * @param changed called with each object that was added, changed or deleted
     */
    public Informers<T> onChange(Consumer<? super T> changed) {
        return listener(new ResourceEventHandler<T>() {
            @Override
            public void onAdd(T object) {
                changed.accept(object);
            }

            @Override
            public void onUpdate(T before, T after) {
                changed.accept(after);
            }

            @Override
            public void onDelete(T object, boolean finalStateUnknown) {
                changed.accept(object);
            }
        });
    }

    /**
     * Starts the watches, if they are not started.
     *
     * @return completes when everything is known that there was; exceptionally when they are stopped before
     */
    public CompletionStage<Void> start() {
        return CompletableFuture.allOf(informers.stream()
                .map(SharedIndexInformer::start)
                .map(CompletionStage::toCompletableFuture)
                .toArray(CompletableFuture[]::new));
    }

    public void stop() {
        stopped = true;
        informers.forEach(SharedIndexInformer::stop);
    }

    /** Whether everything is known that there was at the start. Before that, a missing object may exist. */
    public boolean isSynced() {
        return informers.stream().allMatch(SharedIndexInformer::hasSynced);
    }

    public Stream<T> all() {
        return informers.stream().flatMap(informer -> informer.getStore().list().stream());
    }

    public Stream<T> in(String namespace) {
        return byIndex(Cache.NAMESPACE_INDEX, namespace);
    }

    /** The objects of a namespace with this value of a label; see {@link #indexedByLabel}. */
    public Stream<T> byLabel(String label, String namespace, String value) {
        return byIndex(label, Cache.namespaceKeyFunc(namespace, value));
    }

    public Optional<T> get(String namespace, String name) {
        String key = Cache.namespaceKeyFunc(namespace, name);
        return informers.stream()
                .map(informer -> informer.getStore().getByKey(key))
                .filter(Objects::nonNull)
                .findFirst();
    }

    private Stream<T> byIndex(String index, String key) {
        return informers.stream().flatMap(informer -> informer.getIndexer().byIndex(index, key).stream());
    }

    /** An informer's store that keeps of each object only what the operator reads. */
    public static class TrimmedStore<T extends HasMetadata> extends BasicItemStore<T> {
        private final UnaryOperator<T> trimmed;

        /** @param trimmed a copy of an object with what is read of it: at least its name, namespace, uid and resourceVersion */
        public TrimmedStore(UnaryOperator<T> trimmed) {
            super(Cache::metaNamespaceKeyFunc);
            this.trimmed = trimmed;
        }

        @Override
        public T put(String key, T object) {
            return super.put(key, trimmed.apply(object));
        }

        @Override
        public boolean isFullState() {
            return false;
        }
    }
}
