package link.ambassador.relay;

import io.vertx.core.impl.VertxInternal;
import link.ambassador.relay.watch.LoopTurns;

/** How tests start a relay in their own process: QuietRelayTest sees to it that there is no other way. */
public final class WatchedRelay {
    private WatchedRelay() {}

    public static Relay start(Settings settings) {
        Relay relay = Relay.start(settings);
        LoopTurns.watch(((VertxInternal) relay.vertx()).getEventLoopGroup().next());
        return relay;
    }
}
