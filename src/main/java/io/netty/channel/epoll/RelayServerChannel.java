package io.netty.channel.epoll;

import io.netty.channel.Channel;
import io.netty.channel.MaxMessagesRecvByteBufAllocator;
import java.net.SocketAddress;

/** A listening socket whose connections are {@link RelaySocketChannel}s. */
public final class RelayServerChannel extends AbstractEpollServerChannel {
    private final EpollServerChannelConfig config = new EpollServerChannelConfig(this);
    private final ReceiveBuffer buffer;

    /** @param buffer the buffer of the loop, which the connections share */
    public RelayServerChannel(boolean ipv6, ReceiveBuffer buffer) {
        super(LinuxSocket.newSocketStream(ipv6), false);
        this.buffer = buffer;
    }

    @Override
    public EpollServerChannelConfig config() {
        return config;
    }

    @Override
    protected void doBind(SocketAddress local) throws Exception {
        super.doBind(local);
        socket.listen(config.getBacklog());
        active = true;
    }

    @Override
    protected Channel newChildChannel(int fd, byte[] remote, int offset, int length) {
        return RelaySocketChannel.accepted(fd, buffer);
    }

    /** Accepts up to {@code maxConnections} of those that wait. On the event loop. */
    public void accept(int maxConnections) {
        if (isActive()) {
            // Netty stops after 16 by default.
            if (config.getRecvByteBufAllocator() instanceof MaxMessagesRecvByteBufAllocator reads) {
                reads.maxMessagesPerRead(maxConnections);
            }
            ((AbstractEpollUnsafe) unsafe()).epollInReady();
        }
    }
}
