package link.ambassador.relay.dial;

import io.netty.channel.Channel;
import io.vertx.core.Future;
import java.net.InetSocketAddress;
import java.util.Optional;
import link.ambassador.config.Target;

/** Opens connections, one to one address at a time. Called on the event loop. */
public interface Connector {
    /** A try of one target, as those see it that open its connections. Called on the event loop. */
    interface Attempt {
        Target target();

        /** The connection for which the dial is; null if the relay dials for itself. */
        Channel downstream();

        /**
         * Completes when nobody waits for a connection any more, also at the timeout: a connect that is under way is then closed at
         * once.
         */
        Future<Void> givenUp();

        /** The TCP connection is there, and a TLS handshake begins. */
        void handshakeBegins();
    }

    /**
     * Connects. Completes on the event loop that called it. A failure may be a {@link DialException}, whose message is then a
     * sentence about the target that follows its name.
     */
    Future<Channel> connect(InetSocketAddress address, Attempt attempt);

    /**
     * Whether a connect may start while another one for the same target is under way. After a yes, the caller calls
     * {@link #raceEnded} once one of the two has ended.
     */
    default boolean mayRace() {
        return true;
    }

    /** One connect less is under way of those that {@link #mayRace} allowed. */
    default void raceEnded() {}

    /** What connects depend on beside their address, such as TLS. One that began with other terms is given up at a retarget. */
    default Object terms() {
        return Optional.empty();
    }

    /** Closes a connection that came too late to be used. */
    void discard(Channel connection);
}
