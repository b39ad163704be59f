package link.ambassador.relay;

import java.util.Map;
import link.ambassador.relayspec.RelayUnderTest;
import link.ambassador.relayspec.RelayspecContract;

/** Every byte goes through a pipe, even a single one. */
final class SplicingRelayspecTest extends RelayspecContract {
    @Override
    protected RelayUnderTest relay() {
        return new InProcessRelay(Settings.Transport.EPOLL, Map.of("AMBASSADOR_SPLICE", "always"));
    }
}
