package link.ambassador.model;

import java.util.Set;

/** The Services in a cache. Callable from any thread; never waits. */
public interface NamespaceServices {
    /** The ports of one Service; empty when it has none, does not exist, or is not cached yet. */
    Set<ExposedPort> ports(String namespace, String service);
}
