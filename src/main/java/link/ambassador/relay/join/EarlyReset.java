package link.ambassador.relay.join;

import io.netty.channel.Channel;
import io.netty.channel.epoll.RelaySocketChannel;
import io.netty.util.AttributeKey;
import java.io.IOException;

/**
 * An upstream that accepts, sends and resets may have done all of it before the loop looks at the connect. The kernel then
 * reports the reset as the outcome of the connect (connect(2), SO_ERROR), Netty takes the connect for failed, and the bytes
 * that came before the reset would be lost. When there were any, the connect succeeded, and the reset was seen, which
 * nobody hears of again.
 */
public final class EarlyReset {
    private static final AttributeKey<Boolean> SEEN = AttributeKey.valueOf(EarlyReset.class, "SEEN");

    private EarlyReset() {}

    /**
     * Makes a connection of a connect that Netty took for failed, if it was one.
     *
     * @return whether it was
     */
    public static boolean isBehind(Channel failed) {
        if (!(failed instanceof RelaySocketChannel channel) || TcpInfo.receivedBytes(failed) == 0) {
            return false;
        }
        try {
            channel.connected();
        } catch (IOException e) {
            return false;
        }
        failed.attr(SEEN).set(true);
        return true;
    }

    /** Whether this connection was reset before it was seen to be connected. */
    static boolean isSeenOn(Channel channel) {
        return channel.hasAttr(SEEN);
    }
}
