package link.ambassador.relay.dns;

import io.vertx.core.Future;
import java.net.InetAddress;
import java.util.List;

/** Resolves the hosts of targets. Called on one event loop, and completes there. */
@FunctionalInterface
public interface Resolver {

    /**
     * The addresses of a host, at least one, in the order of the answer. Fails only with {@link UnresolvedException}.
     */
    Future<List<InetAddress>> resolve(String host);

    /** None of these addresses of the host could be connected, so they may be out of date. */
    default void unreachable(String host, List<InetAddress> addresses) {}
}
