package link.ambassador.model;

import java.util.Optional;

/** What namespaces demand of their pods, from a cache. Callable from any thread; never waits. */
public interface DemandsOfNamespaces {
    /** Empty before the cache is filled. */
    Optional<NamespaceConstraints> known(String namespace);
}
