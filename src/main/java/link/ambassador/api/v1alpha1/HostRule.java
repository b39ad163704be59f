package link.ambassador.api.v1alpha1;

/**
 * What the API server says about the host of a target: an IP address or a DNS name, as in {@code link.HostSyntax}.
 *
 * <p>{@code isIP} is Kubernetes' own, in definitions from 1.31 on: no zone, no brackets, no leading zeros. It refuses IPv4-mapped addresses
 * ({@code ::ffff:10.0.0.1}), which a relay reads; all of them have a group ffff, and with another in its place they are
 * plain IPv6. See https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-ip-address-library
 */
final class HostRule {
    private static final String LABEL = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?";

    static final String VALUE = "isIP(self.lowerAscii().replace('ffff', 'fffe'))"
            + " || (self.matches('^" + LABEL + "([.]" + LABEL + ")*[.]?$')"
            + " && !self.matches('(^|[.])[0-9]+[.]?$')"
            + " && (size(self) <= 253 || self.endsWith('.')))";

    static final String MESSAGE = "must be an IP address without brackets or zone, or a DNS name";

    /** The sentence for the mistake that was made; where it would have a line break, {@link #MESSAGE} is said. */
    static final String MESSAGE_EXPRESSION = "'must be an IP address or a DNS name, and this '"
            + " + (self.contains('://') ? 'is a URL: write its host here, without the scheme, and its port into port'"
            + " : self.contains('[') || self.contains(']') ? 'has brackets: write an IPv6 address without them'"
            + " : self.contains('%') ? 'has a zone, which means nothing on another machine: write the address without it'"
            + " : self.matches('^[^:]+:[0-9]+$') ? 'has a port: write \"host: ' + self.split(':')[0]"
            + " + '\" and \"port: ' + self.split(':')[1] + '\"'"
            + " : self.matches('(^|[.])[0-9]+[.]?$') ? 'ends in a number, as only an IPv4 address does: that is four"
            + " numbers from 0 to 255 without leading zeros'"
            + " : 'is neither. Names are made of letters, digits, \"-\" and \"_\", at most 63 between dots and 253 in"
            + " all: for example 192.168.1.52, 2001:db8::1 or redis.example.com')";

    static final int LONGEST = 254;

    private HostRule() {}
}
