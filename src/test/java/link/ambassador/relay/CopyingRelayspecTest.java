package link.ambassador.relay;

import java.util.Map;
import link.ambassador.relayspec.RelayUnderTest;
import link.ambassador.relayspec.RelayspecContract;

/** No byte goes through a pipe, not even bulk. */
final class CopyingRelayspecTest extends RelayspecContract {
    @Override
    protected RelayUnderTest relay() {
        return new InProcessRelay(Settings.Transport.EPOLL, Map.of("AMBASSADOR_SPLICE", "never"));
    }
}
