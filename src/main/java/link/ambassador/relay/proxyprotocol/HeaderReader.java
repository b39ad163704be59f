package link.ambassador.relay.proxyprotocol;

import io.netty.buffer.ByteBuf;
import java.util.Optional;

/**
 * Reads one header, of either version. It says how many bytes may be read next without a byte of what comes behind the header.
 *
 * <pre>
 *   first 15 bytes ─┬─ PROXY ────────► V1: at least as many as the line still needs, until CR LF
 *                   └─ signature ────► V2: the 16th byte, then as many as the length says
 * </pre>
 */
final class HeaderReader {
    /** The most that a header may have: the payload of the smallest segment that everybody must accept (section 2.2). */
    static final int MAX_BYTES = 536;

    /** {@code PROXY UNKNOWN} with CR LF: nothing is shorter. */
    static final int MIN_BYTES = 15;

    private final byte[] bytes = new byte[MAX_BYTES];
    private int length;
    private int missing = MIN_BYTES;
    private Optional<Consumer> consumer = Optional.empty();

    /** How many bytes may be read now; 0 when the header is complete. */
    int missing() {
        return missing;
    }

    /** For whom the downstream connects; empty if it is the consumer itself. Only of a header that is complete. */
    Optional<Consumer> consumer() {
        return consumer;
    }

    /** Takes at most {@link #missing} bytes. */
    void take(ByteBuf received) throws BadHeaderException {
        int count = received.readableBytes();
        received.readBytes(bytes, length, count);
        length += count;
        missing -= count;
        if (HeaderV2.mayBegin(bytes, length)) {
            takeV2();
        } else if (HeaderV1.mayBegin(bytes, length)) {
            takeV1();
        } else {
            throw new BadHeaderException("did not begin with a PROXY protocol header");
        }
    }

    private void takeV1() throws BadHeaderException {
        if (length < MIN_BYTES) {
            return;
        }
        missing = HeaderV1.missing(bytes, length);
        if (missing == 0) {
            consumer = HeaderV1.parse(bytes, length);
        }
    }

    private void takeV2() throws BadHeaderException {
        if (missing > 0) {
            return;
        }
        if (length < HeaderV2.FIXED_BYTES) {
            missing = HeaderV2.FIXED_BYTES - length;
            return;
        }
        int total = HeaderV2.FIXED_BYTES + HeaderV2.payloadBytes(bytes);
        if (total > MAX_BYTES) {
            throw new BadHeaderException(
                    "sent a PROXY protocol header of " + total + " bytes: it may have " + MAX_BYTES);
        }
        missing = total - length;
        if (missing == 0) {
            consumer = HeaderV2.parse(bytes, length);
        }
    }
}
