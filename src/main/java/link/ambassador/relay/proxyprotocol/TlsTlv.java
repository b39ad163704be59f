package link.ambassador.relay.proxyprotocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The value of {@link TlvType#TLS} (section 2.2.6).
 *
 * <pre>
 *  offset  length  field
 *       0       1  bits: 1 is TLS, 2 is a certificate of the client on this connection, 4 is one in this session
 *       1       4  0 if the client's certificate was verified
 *                  TLVs: 0x21 is the version, 0x22 is the common name, 0x23 is the cipher
 * </pre>
 */
public final class TlsTlv {
    private static final int TLS = 1;
    private static final int CERTIFICATE = 2 | 4;
    private static final int NOT_VERIFIED = 1;
    private static final int HEAD_BYTES = 5;
    private static final int TLV_HEAD_BYTES = 3;
    private static final int VERSION_TYPE = 0x21;
    private static final int COMMON_NAME_TYPE = 0x22;
    private static final int CIPHER_TYPE = 0x23;
    private static final int MAX_VALUE_BYTES = 255;

    private TlsTlv() {}

    /**
     * Of a consumer whose certificate was verified, if it showed one.
     *
     * @param commonName of that certificate; empty if there is none
     */
    public static byte[] of(String version, String cipher, boolean showedCertificate, Optional<String> commonName) {
        ByteBuffer value = ByteBuffer.allocate(HeaderReader.MAX_BYTES);
        value.put((byte) (showedCertificate ? TLS | CERTIFICATE : TLS));
        value.putInt(showedCertificate ? 0 : NOT_VERIFIED);
        put(value, VERSION_TYPE, version);
        commonName.ifPresent(name -> put(value, COMMON_NAME_TYPE, name));
        put(value, CIPHER_TYPE, cipher);
        byte[] written = new byte[value.flip().remaining()];
        value.get(written);
        return written;
    }

    /** Whether a value that somebody else wrote can be passed on. One inside another means nothing, and Netty fails over it. */
    static boolean isValid(byte[] value) {
        ByteBuffer left = ByteBuffer.wrap(value);
        if (left.remaining() < HEAD_BYTES) {
            return false;
        }
        left.position(HEAD_BYTES);
        while (left.remaining() >= TLV_HEAD_BYTES) {
            int length = left.getShort(left.position() + 1) & 0xffff;
            boolean nested = (left.get(left.position()) & 0xff) == TlvType.TLS.number();
            if (nested || left.remaining() < TLV_HEAD_BYTES + length) {
                return false;
            }
            left.position(left.position() + TLV_HEAD_BYTES + length);
        }
        return !left.hasRemaining();
    }

    private static void put(ByteBuffer value, int type, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        // A name that is cut would be another name.
        if (bytes.length > 0 && bytes.length <= MAX_VALUE_BYTES && bytes.length + TLV_HEAD_BYTES <= value.remaining()) {
            value.put((byte) type).putShort((short) bytes.length).put(bytes);
        }
    }
}
