package link.ambassador.relay;

import link.ambassador.config.TlsVersion;
import link.ambassador.relayspec.RelayUnderTest;
import link.ambassador.relayspec.RelayspecContract;

/** Two relays one behind the other, with mutual TLS 1.2 in between. */
final class OlderTlsRelayspecTest extends RelayspecContract {
    @Override
    protected RelayUnderTest relay() {
        return new TwoRelays(Settings.Transport.EPOLL, TlsVersion.TLS_1_2);
    }
}
