package link.ambassador.relay;

import io.vertx.core.impl.VertxInternal;
import link.ambassador.relay.watch.LoopTurns;

/** Starts a relay in the process of a test. QuietRelayTest checks that tests use no other way. */
public final class WatchedRelay {
    private WatchedRelay() {}

    public static Relay start(Settings settings) {
        Relay relay = Relay.start(settings);
        LoopTurns.watch(((VertxInternal) relay.vertx()).getEventLoopGroup().next());
        return relay;
    }
}
