package link.ambassador.relay.join;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;

/** A leg where there is no epoll: what it receives comes along Netty's pipeline. */
final class NioEndpoint extends Endpoint {
    private boolean delivered;

    NioEndpoint(ProxiedConnection join, Channel channel, boolean upstream) {
        super(join, channel, upstream);
    }

    @Override
    void attach() {
        channel()
                .config()
                .setRecvByteBufAllocator(
                        new BudgetedRecvAllocator(channel().config().getRecvByteBufAllocator(), join.budget()));
        super.attach();
    }

    @Override
    void requestRead() {
        channel().read();
    }

    /** A selector tells of nothing that nobody asked for. */
    @Override
    void unwatch() {}

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf chunk = (ByteBuf) message;
        delivered = true;
        readDone();
        join.moved(isUpstream(), chunk.readableBytes());
        peer().write(chunk, chunk.capacity());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (!delivered) {
            readDone();
        }
        delivered = false;
        readOn();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        // The "read complete" event comes only with one more read: this one is the end of input.
        if (event instanceof ChannelInputShutdownEvent && !inputEnded()) {
            inputEnds();
        }
    }
}
