package io.netty.channel.epoll;

import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * The address of one connect. It is no {@link InetSocketAddress}, because after a connect to one of those Netty asks
 * the kernel for the peer's address.
 */
public final class UpstreamAddress extends SocketAddress {
    private static final long serialVersionUID = 1;

    private final InetSocketAddress address;

    public UpstreamAddress(InetSocketAddress address) {
        this.address = address;
    }

    public InetSocketAddress address() {
        return address;
    }

    @Override
    public String toString() {
        return address.toString();
    }
}
