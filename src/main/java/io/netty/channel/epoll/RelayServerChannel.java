package io.netty.channel.epoll;

import io.netty.channel.Channel;
import io.netty.channel.RecvByteBufAllocator;
import java.net.SocketAddress;

/** A listening socket whose connections are {@link RelaySocketChannel}s. */
public final class RelayServerChannel extends AbstractEpollServerChannel {
    private final EpollServerChannelConfig config = new EpollServerChannelConfig(this);
    private final RecvByteBufAllocator reads;

    /** @param reads of each connection */
    public RelayServerChannel(boolean ipv6, RecvByteBufAllocator reads) {
        super(LinuxSocket.newSocketStream(ipv6), false);
        this.reads = reads;
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
        return RelaySocketChannel.accepted(fd, reads);
    }
}
