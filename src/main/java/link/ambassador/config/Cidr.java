package link.ambassador.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A block of addresses (RFC 4632, RFC 4291 section 2.3), such as {@code 10.0.0.0/8}. Its address has no bit behind the prefix, because
 * {@code 10.1.2.3/8} leaves open which of the two its author meant.
 */
public final class Cidr {
    /** What would be right, as the end of a sentence. */
    static final String WANTED =
            "a block of addresses without a bit behind its prefix, such as 10.0.0.0/8 or 10.1.2.3/32";

    private static final int IPV6_BYTES = 16;
    private static final Pattern PREFIX = Pattern.compile("0|[1-9][0-9]{0,2}");

    private final String text;
    private final byte[] address;
    private final int prefixBits;

    private Cidr(String text, byte[] address, int prefixBits) {
        this.text = text;
        this.address = address;
        this.prefixBits = prefixBits;
    }

    /** Parses a block; empty if the text is none. */
    public static Optional<Cidr> parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !PREFIX.matcher(text.substring(slash + 1)).matches()) {
            return Optional.empty();
        }
        String host = text.substring(0, slash);
        if (!HostSyntax.isIPv4(host) && !HostSyntax.isIPv6(host)) {
            return Optional.empty();
        }
        byte[] address = bytes(host);
        if (HostSyntax.isIPv6(host) && address.length != IPV6_BYTES) {
            // Mapped: the prefix would be of the other family.
            return Optional.empty();
        }
        int prefixBits = Integer.parseInt(text.substring(slash + 1));
        Cidr block = new Cidr(text, address, prefixBits);
        return prefixBits <= address.length * Byte.SIZE && block.hasNothingBehindPrefix()
                ? Optional.of(block)
                : Optional.empty();
    }

    private static byte[] bytes(String numeric) {
        try {
            // Makes an IPv4 address of one that is mapped into IPv6.
            return InetAddress.getByName(numeric).getAddress();
        } catch (UnknownHostException e) {
            throw new IllegalStateException("a numeric address needs no resolver", e);
        }
    }

    private static byte[] unmapped(byte[] address) {
        try {
            return address.length == IPV6_BYTES
                    ? InetAddress.getByAddress(address).getAddress()
                    : address;
        } catch (UnknownHostException e) {
            throw new IllegalStateException("it is an address already", e);
        }
    }

    private boolean hasNothingBehindPrefix() {
        for (int bit = prefixBits; bit < address.length * Byte.SIZE; bit++) {
            if ((address[bit / Byte.SIZE] & (0x80 >> (bit % Byte.SIZE))) != 0) {
                return false;
            }
        }
        return true;
    }

    /** Whether it has this address. An IPv4 address that is mapped into IPv6 counts as the IPv4 address. */
    public boolean contains(InetAddress other) {
        byte[] bytes = unmapped(other.getAddress());
        if (bytes.length != address.length) {
            return false;
        }
        int whole = prefixBits / Byte.SIZE;
        for (int i = 0; i < whole; i++) {
            if (bytes[i] != address[i]) {
                return false;
            }
        }
        int rest = prefixBits % Byte.SIZE;
        return rest == 0 || (bytes[whole] ^ address[whole]) >> (Byte.SIZE - rest) == 0;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Cidr block && text.equals(block.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** As it was parsed. */
    @Override
    public String toString() {
        return text;
    }
}
