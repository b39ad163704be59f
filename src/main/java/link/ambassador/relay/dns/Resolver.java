package link.ambassador.relay.dns;

import io.vertx.core.Future;
import java.net.InetAddress;
import java.util.List;

/** Resolves the hosts of targets. Called on one event loop, and completes on it. */
@FunctionalInterface
public interface Resolver {

    /**
     * The addresses of a host, at least one, in the order they were answered. Fails with {@link UnresolvedException}
     * and nothing else.
     */
    Future<List<InetAddress>> resolve(String host);

    /** None of these addresses, which were answered for the host, could be connected: they may not be its own any more. */
    default void unreachable(String host, List<InetAddress> addresses) {}
}
