package link.ambassador.relay.join;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.epoll.EpollInterest;
import io.netty.util.AttributeKey;
import java.io.IOException;
import java.net.SocketAddress;

/**
 * An upstream that accepts, sends and resets may have done all of it before the loop looks at the connect. The kernel then
 * reports the reset as the outcome of the connect (connect(2), SO_ERROR), Netty takes the connect for failed and closes, and
 * the bytes that came before the reset are lost. When there were any, the connect succeeded: this handler says so, and
 * that the reset was seen, which nobody hears of again.
 */
final class EarlyReset extends ChannelOutboundHandlerAdapter {
    private static final AttributeKey<Boolean> SEEN = AttributeKey.valueOf(EarlyReset.class, "SEEN");

    /** Whether this connection was reset before it was seen to be connected. */
    static boolean isSeenOn(Channel channel) {
        return channel.hasAttr(SEEN);
    }

    @Override
    public void connect(
            ChannelHandlerContext context, SocketAddress remote, SocketAddress local, ChannelPromise promise) {
        ChannelPromise outcome = context.newPromise();
        outcome.addListener((ChannelFuture connect) -> {
            if (connect.isSuccess()) {
                context.pipeline().remove(this);
                promise.trySuccess();
            } else if (SendQueue.receivedBytes(context.channel()) > 0) {
                context.pipeline().remove(this);
                goOn(context.channel(), promise);
            } else {
                promise.tryFailure(connect.cause());
            }
        });
        promise.addListener((ChannelFuture caller) -> {
            if (caller.isCancelled()) {
                outcome.cancel(false);
            }
        });
        context.connect(remote, local, outcome);
    }

    /** In the order in which Netty ends a connect. */
    private static void goOn(Channel channel, ChannelPromise promise) throws IOException {
        channel.attr(SEEN).set(true);
        EpollInterest.connected(channel);
        if (promise.trySuccess()) {
            channel.pipeline().fireChannelActive();
        } else {
            channel.close();
        }
    }
}
