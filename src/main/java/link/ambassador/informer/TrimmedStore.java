package link.ambassador.informer;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.util.function.UnaryOperator;

/** An informer's store that keeps of each object only what the operator reads. */
public class TrimmedStore<T extends HasMetadata> extends BasicItemStore<T> {
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
