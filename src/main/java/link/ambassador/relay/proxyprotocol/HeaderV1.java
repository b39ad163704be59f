package link.ambassador.relay.proxyprotocol;

import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import link.ambassador.config.HostSyntax;
import link.ambassador.config.Printable;

/** Version 1 of the header (section 2.1): a line of text. */
final class HeaderV1 {
    /** With CR LF. */
    static final int MAX_BYTES = 107;

    private static final byte[] BEGIN = "PROXY ".getBytes(StandardCharsets.US_ASCII);
    private static final String UNKNOWN = "PROXY UNKNOWN";
    private static final int WORDS = 6;
    private static final Pattern PORT = Pattern.compile("0|[1-9][0-9]{0,4}");
    private static final int MAX_PORT = 65535;

    private HeaderV1() {}

    /** Whether a header may begin with these bytes. */
    static boolean mayBegin(byte[] bytes, int length) {
        return HeaderV2.beginsAlike(bytes, length, BEGIN);
    }

    /** How many bytes the line has still to have; 0 if it ends with CR LF. */
    static int missing(byte[] bytes, int length) throws BadHeaderException {
        byte last = bytes[length - 1];
        if (last == '\n' && bytes[length - 2] == '\r') {
            return 0;
        }
        int missing = last == '\r' ? 1 : 2;
        if (last != '\r' && !text(bytes, length).startsWith(UNKNOWN)) {
            int spaces = 0;
            for (int i = 0; i < length; i++) {
                spaces += bytes[i] == ' ' ? 1 : 0;
            }
            // A space and a character for each word that has not begun.
            missing += 2 * Math.max(0, WORDS - 1 - spaces) + (last == ' ' ? 1 : 0);
        }
        if (length + missing > MAX_BYTES) {
            throw new BadHeaderException(
                    "sent a PROXY protocol header of version 1 with more than " + MAX_BYTES + " bytes");
        }
        return missing;
    }

    /** Parses a line with its CR LF. */
    static Optional<Consumer> parse(byte[] bytes, int length) throws BadHeaderException {
        String line = text(bytes, length - 2);
        if (line.equals(UNKNOWN) || line.startsWith(UNKNOWN + " ")) {
            return Optional.empty();
        }
        String[] words = line.split(" ", -1);
        if (words.length != WORDS || !(words[1].equals("TCP4") || words[1].equals("TCP6"))) {
            throw bad(line);
        }
        boolean ipv6 = words[1].equals("TCP6");
        return Optional.of(new Consumer(
                address(words[2], words[4], ipv6, line), address(words[3], words[5], ipv6, line), Map.of()));
    }

    private static InetSocketAddress address(String host, String port, boolean ipv6, String line)
            throws BadHeaderException {
        boolean valid = ipv6 ? HostSyntax.isIPv6(host) : HostSyntax.isIPv4(host);
        if (!valid || !PORT.matcher(port).matches() || Integer.parseInt(port) > MAX_PORT) {
            throw bad(line);
        }
        return new InetSocketAddress(NetUtil.createInetAddressFromIpAddressString(host), Integer.parseInt(port));
    }

    private static BadHeaderException bad(String line) {
        return new BadHeaderException(
                "sent a PROXY protocol header of version 1 that is not valid: " + Printable.text(line));
    }

    /** Writes a line. */
    static byte[] write(InetSocketAddress source, InetSocketAddress destination) {
        boolean ipv6 = source.getAddress() instanceof Inet6Address || destination.getAddress() instanceof Inet6Address;
        String line = "PROXY " + (ipv6 ? "TCP6 " : "TCP4 ") + text(source.getAddress(), ipv6) + " "
                + text(destination.getAddress(), ipv6) + " " + source.getPort() + " " + destination.getPort() + "\r\n";
        return line.getBytes(StandardCharsets.US_ASCII);
    }

    /** Writes that there is no consumer. */
    static byte[] writeUnknown() {
        return (UNKNOWN + "\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    private static String text(InetAddress address, boolean ipv6) {
        String numeric = NetUtil.toAddressString(address);
        return ipv6 && !(address instanceof Inet6Address) ? "::ffff:" + numeric : numeric;
    }

    private static String text(byte[] bytes, int length) {
        return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    }
}
