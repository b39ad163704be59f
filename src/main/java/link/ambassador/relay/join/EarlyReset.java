package link.ambassador.relay.join;

import io.netty.channel.Channel;
import io.netty.channel.epoll.RelaySocketChannel;
import io.netty.util.AttributeKey;
import java.io.IOException;

/**
 * Detects an upstream that accepts, sends and resets before the event loop handles the connect. The kernel then reports
 * the reset as the outcome of the connect (connect(2), SO_ERROR). Netty treats the connect as failed, and the bytes
 * before the reset would be lost. If there were bytes, the connect succeeded. The kernel does not report the reset
 * again, so it is remembered here.
 */
public final class EarlyReset {
    private static final AttributeKey<Boolean> SEEN = AttributeKey.valueOf(EarlyReset.class, "SEEN");

    private EarlyReset() {}

    /**
     * Turns a connect that Netty treats as failed into a connection, if it brought bytes.
     *
     * @return whether it did
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

    /** Whether this connection was reset before the event loop handled its connect. */
    static boolean isSeenOn(Channel channel) {
        return channel.hasAttr(SEEN);
    }
}
