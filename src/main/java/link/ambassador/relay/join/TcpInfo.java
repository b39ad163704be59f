package link.ambassador.relay.join;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.unix.RawUnixChannelOption;
import io.netty.channel.unix.UnixChannel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;

/**
 * What the kernel knows of a connection: {@code TCP_INFO} (tcp(7), {@code linux/tcp.h}).
 *
 * <pre>
 *  offset  length  field
 *       0       1  tcpi_state           1 is TCP_ESTABLISHED, 7 is TCP_CLOSE
 *      24       4  tcpi_unacked        segments sent and not acknowledged
 *      44       4  tcpi_last_data_sent  milliseconds since bytes were sent, not counting keepalive probes
 *      56       4  tcpi_last_ack_recv   milliseconds since anything was acknowledged
 *     120       8  tcpi_bytes_acked    bytes acknowledged since the connection began
 *     128       8  tcpi_bytes_received  bytes received since the connection began
 *     144       4  tcpi_notsent_bytes  bytes not sent yet
 * </pre>
 *
 * @param known whether the kernel could be asked
 * @param empty whether it has nothing to send, and everything that it sent was acknowledged
 */
record TcpInfo(boolean known, boolean empty, long acknowledgedBytes, Duration sinceAcknowledged) {
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_INFO = 11;
    private static final int TCP_ESTABLISHED = 1;
    private static final int TCP_CLOSE = 7;
    private static final int LENGTH = 152;
    private static final RawUnixChannelOption OPTION =
            new RawUnixChannelOption("AMBASSADOR_TCP_INFO", IPPROTO_TCP, TCP_INFO, LENGTH);
    private static final TcpInfo UNKNOWN = new TcpInfo(false, false, 0, Duration.ZERO);

    /** The state now; not known without epoll, and on a closed channel. */
    static TcpInfo of(Channel channel) {
        ByteBuffer info = info(channel);
        if (info == null) {
            return UNKNOWN;
        }
        boolean empty = info.getInt(24) == 0 && info.getInt(144) == 0;
        return new TcpInfo(true, empty, info.getLong(120), sinceAcknowledged(info));
    }

    /**
     * How long ago bytes were acknowledged, at most a round trip too long. An acknowledgement alone proves nothing,
     * because a peer that does not read answers probes too. Nor do sent bytes, because the kernel sends again to a peer
     * that is gone. So the older of the two counts.
     */
    private static Duration sinceAcknowledged(ByteBuffer info) {
        return Duration.ofMillis(
                Math.max(Integer.toUnsignedLong(info.getInt(44)), Integer.toUnsignedLong(info.getInt(56))));
    }

    /** {@code tcpi_unacked}; 0 where it is not known. */
    static int unacknowledged(Channel channel) {
        ByteBuffer info = info(channel);
        return info == null ? 0 : info.getInt(24);
    }

    /** Whether the connection is over: the kernel has it as reset, or the channel is closed. */
    static boolean isClosed(Channel channel) {
        ByteBuffer info = info(channel);
        return info == null ? !channel.isOpen() : info.get(0) == TCP_CLOSE;
    }

    /** Whether neither side has sent a FIN or a reset; without epoll, whether the channel is open. */
    static boolean isEstablished(Channel channel) {
        ByteBuffer info = info(channel);
        return info == null ? channel.isActive() : info.get(0) == TCP_ESTABLISHED;
    }

    /** {@code tcpi_bytes_received}; 0 where it is not known. */
    static long receivedBytes(Channel channel) {
        ByteBuffer info = info(channel);
        return info == null ? 0 : info.getLong(128);
    }

    /** Null without epoll and on a closed socket. No Optional, which would be garbage for each call. */
    private static ByteBuffer info(Channel channel) {
        if (!(channel instanceof UnixChannel) || !channel.isOpen()) {
            return null;
        }
        try {
            return channel.config().getOption(OPTION).duplicate().order(ByteOrder.nativeOrder());
        } catch (ChannelException closedMeanwhile) {
            return null;
        }
    }
}
