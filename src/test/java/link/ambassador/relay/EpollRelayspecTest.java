package link.ambassador.relay;

import link.ambassador.relayspec.RelayUnderTest;
import link.ambassador.relayspec.RelayspecContract;

final class EpollRelayspecTest extends RelayspecContract {
    @Override
    protected RelayUnderTest relay() {
        return new InProcessRelay(Settings.Transport.EPOLL);
    }
}
