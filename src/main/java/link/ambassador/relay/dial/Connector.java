package link.ambassador.relay.dial;

import io.vertx.core.Future;
import java.net.InetSocketAddress;

/**
 * Opens one TCP connection to one address.
 *
 * @param <C> an open connection
 */
public interface Connector<C> {

    /**
     * Completes on the event loop it was called on.
     *
     * @param givenUp completes when nobody waits for it any more, at its timeout too: a connect that is under way then is closed
     *     at once
     */
    Future<C> connect(InetSocketAddress address, Future<Void> givenUp);

    /**
     * Asked before a connect that is to race another one of the same try. After yes, {@link #raceEnded} tells when there is one
     * less.
     */
    default boolean mayRace() {
        return true;
    }

    /** There is one connect less of those that {@link #mayRace} allowed. */
    default void raceEnded() {}

    /** Closes a connection that came too late to be used; called on the event loop. */
    void discard(C connection);
}
