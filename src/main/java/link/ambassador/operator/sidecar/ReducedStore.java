package link.ambassador.operator.sidecar;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.util.function.UnaryOperator;

/** An informer's cache that keeps of each object only what the operator reads. */
public class ReducedStore<T extends HasMetadata> extends BasicItemStore<T> {
    private final UnaryOperator<T> reduced;

    /** @param reduced the object with nothing in it but what is read: its name, namespace, uid and resourceVersion at least */
    public ReducedStore(UnaryOperator<T> reduced) {
        super(Cache::metaNamespaceKeyFunc);
        this.reduced = reduced;
    }

    @Override
    public T put(String key, T object) {
        return super.put(key, reduced.apply(object));
    }

    @Override
    public boolean isFullState() {
        return false;
    }
}
