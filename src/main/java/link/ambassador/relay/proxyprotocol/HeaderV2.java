package link.ambassador.relay.proxyprotocol;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Version 2 of the header (section 2.2).
 *
 * <pre>
 *  offset  length  field
 *       0      12  signature
 *      12       1  version (2) and command: 0 is LOCAL, 1 is PROXY
 *      13       1  family (1 is IPv4, 2 is IPv6) and protocol (1 is TCP)
 *      14       2  length of the rest
 *      16   12/36  source, destination, source port, destination port
 *                  TLVs: type (1), length (2), value
 * </pre>
 */
final class HeaderV2 {
    static final int FIXED_BYTES = 16;

    private static final byte[] SIGNATURE = {'\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'};
    private static final int LOCAL = 0x20;
    private static final int PROXY = 0x21;
    private static final int TCP4 = 0x11;
    private static final int TCP6 = 0x21;

    /** Two bits of the family (none, IPv4, IPv6, UNIX), and of the protocol (none, stream, datagram). */
    private static final int MAX_FAMILY = 3;

    private static final int MAX_PROTOCOL = 2;
    private static final int TLV_HEAD_BYTES = 3;
    private static final int CRC32C_TYPE = 0x03;
    private static final int CRC32C_BYTES = 4;
    private static final byte[] MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) 0xff, (byte) 0xff};

    private HeaderV2() {}

    /** Whether a header may begin with these bytes. */
    static boolean mayBegin(byte[] bytes, int length) {
        return beginsAlike(bytes, length, SIGNATURE);
    }

    static boolean beginsAlike(byte[] bytes, int length, byte[] wanted) {
        int common = Math.min(length, wanted.length);
        return Arrays.equals(bytes, 0, common, wanted, 0, common);
    }

    /** How many bytes follow the first {@value #FIXED_BYTES}. */
    static int payloadBytes(byte[] bytes) {
        return ByteBuffer.wrap(bytes).getShort(14) & 0xffff;
    }

    /** Parses a whole header. */
    static Optional<Consumer> parse(byte[] bytes, int length) throws BadHeaderException {
        ByteBuffer header = ByteBuffer.wrap(bytes, 0, length);
        header.position(SIGNATURE.length);
        int command = header.get() & 0xff;
        int family = header.get() & 0xff;
        header.position(FIXED_BYTES);
        if (command == LOCAL) {
            return Optional.empty();
        }
        if (command != PROXY || family >> 4 > MAX_FAMILY || (family & 0xf) > MAX_PROTOCOL) {
            throw new BadHeaderException(String.format(
                    "sent a PROXY protocol header with a command (%02x) or a family (%02x) that does not exist",
                    command, family));
        }
        if (family != TCP4 && family != TCP6) {
            // UNSPEC, and what is neither TCP nor IP.
            return Optional.empty();
        }
        int addressBytes = family == TCP4 ? 4 : 16;
        if (header.remaining() < 2 * addressBytes + 4) {
            throw new BadHeaderException("sent a PROXY protocol header that is shorter than its addresses");
        }
        InetAddress source = address(header, addressBytes);
        InetAddress destination = address(header, addressBytes);
        InetSocketAddress from = new InetSocketAddress(source, header.getShort() & 0xffff);
        InetSocketAddress to = new InetSocketAddress(destination, header.getShort() & 0xffff);
        return Optional.of(new Consumer(from, to, tlvs(header, bytes)));
    }

    private static InetAddress address(ByteBuffer header, int length) {
        byte[] bytes = new byte[length];
        header.get(bytes);
        return address(bytes);
    }

    /** An address that is mapped into IPv6 becomes the IPv4 address. */
    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 and 16 bytes are addresses", e);
        }
    }

    private static Map<TlvType, byte[]> tlvs(ByteBuffer header, byte[] bytes) throws BadHeaderException {
        Map<TlvType, byte[]> known = new EnumMap<>(TlvType.class);
        while (header.hasRemaining()) {
            if (header.remaining() < TLV_HEAD_BYTES) {
                throw new BadHeaderException("sent a PROXY protocol header that ends inside a TLV");
            }
            int number = header.get() & 0xff;
            int length = header.getShort() & 0xffff;
            if (header.remaining() < length) {
                throw new BadHeaderException("sent a PROXY protocol header that ends inside a TLV");
            }
            if (number == CRC32C_TYPE) {
                verifyChecksum(header, bytes, length);
            }
            byte[] value = new byte[length];
            header.get(value);
            TlvType type = TlvType.of(number);
            if (type == TlvType.TLS && !TlsTlv.isValid(value)) {
                throw new BadHeaderException("sent a PROXY protocol header with a TLV of TLS that is not valid");
            }
            if (type != null && (type != TlvType.UNIQUE_ID || length <= TlvType.MAX_UNIQUE_ID_BYTES)) {
                known.put(type, value);
            }
        }
        return known;
    }

    /** The checksum is of the header with 0 in the place of the checksum (section 2.2.4). */
    private static void verifyChecksum(ByteBuffer header, byte[] bytes, int length) throws BadHeaderException {
        if (length == CRC32C_BYTES) {
            int told = header.getInt(header.position());
            byte[] copy = Arrays.copyOf(bytes, header.limit());
            Arrays.fill(copy, header.position(), header.position() + CRC32C_BYTES, (byte) 0);
            CRC32C checksum = new CRC32C();
            checksum.update(copy, 0, copy.length);
            if ((int) checksum.getValue() == told) {
                return;
            }
        }
        throw new BadHeaderException("sent a PROXY protocol header with a wrong checksum");
    }

    /** Writes a header of at most {@link HeaderReader#MAX_BYTES}: it leaves out TLVs that have no room. */
    static byte[] write(Consumer consumer) {
        InetAddress source = consumer.source().getAddress();
        InetAddress destination = consumer.destination().getAddress();
        boolean ipv6 = source instanceof Inet6Address || destination instanceof Inet6Address;
        int length = FIXED_BYTES + 2 * (ipv6 ? 16 : 4) + 4;
        if (!consumer.tlvs().isEmpty()) {
            length += tlvBytes(consumer.tlvs(), HeaderReader.MAX_BYTES - length);
        }
        ByteBuffer header = ByteBuffer.allocate(length);
        header.put(SIGNATURE)
                .put((byte) PROXY)
                .put((byte) (ipv6 ? TCP6 : TCP4))
                .putShort((short) (length - FIXED_BYTES))
                .put(bytes(source, ipv6))
                .put(bytes(destination, ipv6))
                .putShort((short) consumer.source().getPort())
                .putShort((short) consumer.destination().getPort());
        if (header.hasRemaining()) {
            for (TlvType type : TlvType.values()) {
                byte[] value = consumer.tlvs().get(type);
                if (value != null && TLV_HEAD_BYTES + value.length <= header.remaining()) {
                    header.put((byte) type.number())
                            .putShort((short) value.length)
                            .put(value);
                }
            }
        }
        return header.array();
    }

    /** How many bytes those take that have room, in their order. */
    private static int tlvBytes(Map<TlvType, byte[]> tlvs, int room) {
        int taken = 0;
        for (TlvType type : TlvType.values()) {
            byte[] value = tlvs.get(type);
            if (value != null && taken + TLV_HEAD_BYTES + value.length <= room) {
                taken += TLV_HEAD_BYTES + value.length;
            }
        }
        return taken;
    }

    /** Writes that the relay connects for nobody but itself. */
    static byte[] writeLocal() {
        ByteBuffer header = ByteBuffer.allocate(FIXED_BYTES);
        header.put(SIGNATURE).put((byte) LOCAL);
        return header.array();
    }

    private static byte[] bytes(InetAddress address, boolean ipv6) {
        byte[] bytes = address.getAddress();
        if (ipv6 && address instanceof Inet4Address) {
            byte[] mapped = Arrays.copyOf(MAPPED, 16);
            System.arraycopy(bytes, 0, mapped, MAPPED.length, bytes.length);
            return mapped;
        }
        return bytes;
    }
}
