package io.netty.channel.epoll;

import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** Where one connect goes. Not an {@link InetSocketAddress}: of one, Netty asks the kernel for the peer's address once it is connected. */
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
