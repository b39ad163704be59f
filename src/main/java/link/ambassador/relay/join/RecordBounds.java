package link.ambassador.relay.join;

import io.netty.buffer.ByteBuf;

/** Where the records of TLS end (RFC 8446, section 5.1): a head of five bytes, of which the last two are the length of the rest. */
final class RecordBounds {
    private static final int HEAD_BYTES = 5;

    private int headBytes;
    private int length;
    private int left = HEAD_BYTES;

    /** How many bytes the head or the rest of the record still has. */
    int left() {
        return left;
    }

    /** Whether a record has begun and not ended. */
    boolean isInside() {
        return headBytes > 0;
    }

    /** Takes up to {@link #left} bytes, and releases them. */
    void received(ByteBuf bytes) {
        try {
            left -= bytes.readableBytes();
            while (headBytes < HEAD_BYTES && bytes.isReadable()) {
                length = (length << 8 | bytes.readUnsignedByte()) & 0xffff;
                headBytes++;
                if (headBytes == HEAD_BYTES) {
                    left = length;
                }
            }
            if (left == 0) {
                headBytes = 0;
                left = HEAD_BYTES;
            }
        } finally {
            bytes.release();
        }
    }
}
