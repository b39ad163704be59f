package link.ambassador.relay.dial;

import io.netty.channel.Channel;
import io.vertx.core.Future;
import java.net.InetSocketAddress;

/** Opens TCP connections, one to one address at a time. Called on the event loop. */
public interface Connector {

    /**
     * Connects. Completes on the event loop that called it.
     *
     * @param givenUp completes when nobody waits for the connection any more, also at its timeout: a connect that is
     *     under way is then closed at once
     */
    Future<Channel> connect(InetSocketAddress address, Future<Void> givenUp);

    /**
     * Whether a connect may start while another one for the same target is under way. After a yes, the caller calls
     * {@link #raceEnded} once one of the two has ended.
     */
    default boolean mayRace() {
        return true;
    }

    /** One connect less is under way of those that {@link #mayRace} allowed. */
    default void raceEnded() {}

    /** Closes a connection that came too late to be used. */
    void discard(Channel connection);
}
