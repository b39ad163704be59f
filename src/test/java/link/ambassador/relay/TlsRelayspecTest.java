package link.ambassador.relay;

import link.ambassador.relayspec.RelayUnderTest;
import link.ambassador.relayspec.RelayspecContract;

/** Two relays one behind the other, with mutual TLS in between. */
final class TlsRelayspecTest extends RelayspecContract {
    @Override
    protected RelayUnderTest relay() {
        return new TwoRelays(Settings.Transport.EPOLL);
    }
}
