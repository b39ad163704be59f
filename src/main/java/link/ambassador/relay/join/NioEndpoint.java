package link.ambassador.relay.join;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;

/** An endpoint without epoll: what it receives comes through Netty's pipeline. */
final class NioEndpoint extends Endpoint {
    private boolean delivered;

    NioEndpoint(ProxiedConnection connection, Channel channel, boolean upstream) {
        super(connection, channel, upstream);
    }

    @Override
    void attach() {
        channel()
                .config()
                .setRecvByteBufAllocator(
                        new BudgetedRecvAllocator(channel().config().getRecvByteBufAllocator(), connection.budget()));
        super.attach();
    }

    @Override
    void requestRead() {
        channel().read();
    }

    /** Nothing to do: a selector reports no event that was not requested. */
    @Override
    void unwatch() {}

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf chunk = (ByteBuf) message;
        delivered = true;
        readDone();
        connection.moved(isUpstream(), chunk.readableBytes());
        peer().output().write(chunk, chunk.capacity());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (!delivered) {
            readDone();
        }
        delivered = false;
        readNext();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        // Not ChannelInputShutdownReadComplete, which comes only with one more read.
        if (event instanceof ChannelInputShutdownEvent && !inputEnded()) {
            inputEnds();
        }
    }
}
