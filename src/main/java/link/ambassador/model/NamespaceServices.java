package link.ambassador.model;

import java.util.Set;

/** The Services that a cache knows. Callable from any thread; never waits. */
public interface NamespaceServices {
    /** The ports of one Service; none when it has none, is not there or not known yet. */
    Set<ExposedPort> ports(String namespace, String service);
}
