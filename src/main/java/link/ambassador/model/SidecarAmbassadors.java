package link.ambassador.model;

import java.util.Collection;

/** The Ambassadors with sidecars in a cache. Callable from any thread; never waits. */
public interface SidecarAmbassadors {
    /** Those of one namespace, in no order. */
    Collection<SidecarAmbassador> in(String namespace);

    /** Whether the cache is filled. Before that, a missing Ambassador may exist. */
    boolean isSynced();
}
