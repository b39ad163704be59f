package link.ambassador.relayspec;

import java.net.InetSocketAddress;

/** No relay: the kernel alone. Every fact that needs no relay must hold here, or the suite is wrong. */
public final class DirectConnection implements RelayUnderTest {

    @Override
    public String name() {
        return "direct";
    }

    @Override
    public boolean isRelay() {
        return false;
    }

    @Override
    public void start(int listenPort, InetSocketAddress target) {}

    @Override
    public void close() {}
}
