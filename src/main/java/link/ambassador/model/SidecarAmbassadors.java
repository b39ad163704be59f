package link.ambassador.model;

import java.util.Collection;

/** The Ambassadors with sidecars that a cache knows. Callable from any thread; never waits. */
public interface SidecarAmbassadors {
    /** Those of one namespace, in no order. */
    Collection<SidecarAmbassador> in(String namespace);

    /** Whether the cache was filled: before that, what is missing in it says nothing. */
    boolean isSynced();
}
