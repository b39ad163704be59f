package link.ambassador.relay.proxyprotocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import java.util.Optional;

/** Bytes of headers, and two readers of them: the relay's, and Netty's. */
public final class Headers {
    /** Bytes that come behind a header. Neither reader may take one of them. */
    private static final byte[] BEHIND = {'P', 'R', 'O', 'X', 'Y', '\r', '\n'};

    private Headers() {}

    static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }

    /** Reads a header as the relay does, as many bytes at a time as it may take. */
    static Optional<Consumer> read(byte[] header) throws BadHeaderException {
        return read(header, Integer.MAX_VALUE);
    }

    /**
     * Reads a header, at most that many bytes at a time.
     *
     * @throws IllegalStateException if the reader wants more than the header, or less
     */
    static Optional<Consumer> read(byte[] header, int atATime) throws BadHeaderException {
        HeaderReader reader = new HeaderReader();
        ByteBuf wire = Unpooled.wrappedBuffer(header, BEHIND);
        while (reader.missing() > 0) {
            int count = Math.min(Math.min(reader.missing(), atATime), wire.readableBytes());
            if (count == 0) {
                throw new IllegalStateException("it waits for more than was sent");
            }
            reader.take(wire.readSlice(count));
        }
        if (wire.readableBytes() != BEHIND.length) {
            throw new IllegalStateException(
                    "behind the header are " + wire.readableBytes() + " bytes, and not " + BEHIND.length);
        }
        return reader.consumer();
    }

    /** What Netty's codec makes of a header; empty if it refuses it. The caller releases it. */
    public static Optional<HAProxyMessage> readByNetty(byte[] header) {
        EmbeddedChannel channel = new EmbeddedChannel(new HAProxyMessageDecoder());
        try {
            channel.writeInbound(Unpooled.wrappedBuffer(header));
            return Optional.ofNullable(channel.readInbound());
        } catch (DecoderException refused) {
            return Optional.empty();
        } finally {
            channel.finishAndReleaseAll();
        }
    }
}
