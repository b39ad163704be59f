package io.netty.channel.epoll;

import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * Where one connect goes, and how long it may take. Not an {@link InetSocketAddress}: of one, Netty asks the kernel for the
 * peer's address once it is connected.
 */
public final class UpstreamAddress extends SocketAddress {
    private static final long serialVersionUID = 1;

    private final InetSocketAddress address;
    private final int timeoutMillis;

    public UpstreamAddress(InetSocketAddress address, int timeoutMillis) {
        this.address = address;
        this.timeoutMillis = timeoutMillis;
    }

    public InetSocketAddress address() {
        return address;
    }

    int timeoutMillis() {
        return timeoutMillis;
    }

    @Override
    public String toString() {
        return address.toString();
    }
}
