package link.ambassador.config;

import java.util.regex.Pattern;

/**
 * The valid hosts of a target, in a link table and in a link variable: an IP address, or a DNS name.
 *
 * <p>DNS names are ASCII, at most 253 characters without the one trailing dot that they may have, of labels of 1 to 63
 * letters, digits, {@code -} and {@code _}. RFC 1123 does not allow the underscore, but names with one resolve and are
 * in use (Compose, Windows). A last label of digits only is invalid, because resolvers read {@code 10.1} or {@code
 * 192.168.1.256} as a number. IPv6 zones ({@code fe80::1%eth0}) are invalid, because the interface of one machine means
 * nothing in a table that many relays read.
 */
public final class HostSyntax {
    /** What would be right, as the end of a sentence. */
    public static final String WANTED = "an IP address without brackets or zone, or a DNS name";

    private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?");
    private static final Pattern DIGITS = Pattern.compile("[0-9]+");
    private static final Pattern OCTET = Pattern.compile("0|[1-9][0-9]{0,2}");
    private static final Pattern GROUP = Pattern.compile("[0-9A-Fa-f]{1,4}");

    private HostSyntax() {}

    /** Whether {@code host} may be a target's host: {@link #isIPv4}, {@link #isIPv6} or {@link #isName}. */
    public static boolean isHost(String host) {
        return isIPv4(host) || isIPv6(host) || isName(host);
    }

    /** Whether {@code host} is four decimal numbers up to 255, none with leading zeros (which some read as octal). */
    public static boolean isIPv4(String host) {
        String[] octets = host.split("\\.", -1);
        if (octets.length != 4) {
            return false;
        }
        for (String octet : octets) {
            if (!OCTET.matcher(octet).matches() || Integer.parseInt(octet) > 255) {
                return false;
            }
        }
        return true;
    }

    /** Whether {@code host} is an IPv6 address as RFC 4291 writes it, without brackets and without a zone. */
    public static boolean isIPv6(String host) {
        if (host.length() > 45 || host.indexOf(':') < 0) {
            return false;
        }
        int gap = host.indexOf("::");
        if (gap < 0) {
            return groups(host, true) == 8;
        }
        String before = host.substring(0, gap);
        String after = host.substring(gap + 2);
        int left = before.isEmpty() ? 0 : groups(before, false);
        int right = after.isEmpty() ? 0 : groups(after, true);
        return left >= 0 && right >= 0 && left + right <= 7;
    }

    /** How many 16-bit groups {@code text} is, a dotted IPv4 address at its end counted as two; -1 when it is none. */
    private static int groups(String text, boolean mayEndInIPv4) {
        String[] parts = text.split(":", -1);
        int count = 0;
        for (int i = 0; i < parts.length; i++) {
            if (GROUP.matcher(parts[i]).matches()) {
                count++;
            } else if (mayEndInIPv4 && i == parts.length - 1 && isIPv4(parts[i])) {
                count += 2;
            } else {
                return -1;
            }
        }
        return count;
    }

    /** Whether {@code host} is a DNS name as this class describes it. */
    public static boolean isName(String host) {
        String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        if (name.isEmpty() || name.length() > 253) {
            return false;
        }
        String[] labels = name.split("\\.", -1);
        for (String label : labels) {
            if (!LABEL.matcher(label).matches()) {
                return false;
            }
        }
        return !DIGITS.matcher(labels[labels.length - 1]).matches();
    }
}
