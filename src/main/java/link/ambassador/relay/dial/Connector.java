package link.ambassador.relay.dial;

import io.vertx.core.Future;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * Opens one TCP connection to one address.
 *
 * @param <C> an open connection
 */
public interface Connector<C> {

    /** Completes on the event loop it was called on, no later than the timeout. */
    Future<C> connect(InetSocketAddress address, Duration timeout);

    /** Closes a connection that came too late to be used; called on the event loop. */
    void discard(C connection);
}
