package link.ambassador.relay.dns;

import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The parts of resolv.conf(5) that the relay uses. Timeouts and attempts are the relay's own. An unusable line is
 * ignored, as in libc.
 *
 * @param overTcp whether {@code options use-vc} is set
 */
record ResolvConf(List<InetSocketAddress> servers, List<String> search, int ndots, boolean overTcp) {
    private static final int DNS_PORT = 53;
    /** MAXNS of resolv.conf(5). */
    private static final int MAX_SERVERS = 3;

    private static final int MAX_NDOTS = 15;

    /** Used without a file: the local server, no search list. */
    static final ResolvConf DEFAULT =
            new ResolvConf(List.of(new InetSocketAddress(NetUtil.LOCALHOST4, DNS_PORT)), List.of(), 1, false);

    static ResolvConf parse(List<String> lines) {
        List<InetSocketAddress> servers = new ArrayList<>();
        List<String> search = List.of();
        int ndots = 1;
        boolean overTcp = false;
        for (String line : lines) {
            // A comment begins only at the start of a word: '#' is also part of an address with a port.
            String[] words = line.replaceFirst("(^|\\s)[#;].*", "").trim().split("\\s+", -1);
            List<String> values = List.of(words).subList(1, words.length);
            switch (words[0]) {
                case "nameserver" ->
                    values.stream().limit(1).map(ResolvConf::server).forEach(found -> {
                        if (found != null && servers.size() < MAX_SERVERS) {
                            servers.add(found);
                        }
                    });
                // The last line wins.
                case "search", "domain" ->
                    search = values.stream()
                            .map(domain -> domain.toLowerCase(Locale.ROOT).replaceAll("\\.+$", ""))
                            .filter(domain -> !domain.isEmpty())
                            .toList();
                case "options" -> {
                    ndots = ndots(values, ndots);
                    overTcp |= values.contains("use-vc");
                }
                default -> {}
            }
        }
        return new ResolvConf(servers.isEmpty() ? DEFAULT.servers : List.copyOf(servers), search, ndots, overTcp);
    }

    /**
     * The names to query, in order and without trailing dots. A name with at least {@code ndots} dots comes first as it
     * is, any other last. A name that ends in a dot has no other candidate.
     */
    List<String> candidates(String host) {
        if (host.endsWith(".")) {
            return List.of(host.substring(0, host.length() - 1));
        }
        List<String> candidates = new ArrayList<>();
        for (String domain : search) {
            candidates.add(host + "." + domain);
        }
        boolean asItIsFirst = host.chars().filter(character -> character == '.').count() >= ndots;
        candidates.add(asItIsFirst ? 0 : candidates.size(), host);
        return candidates;
    }

    private static int ndots(List<String> options, int defaultNdots) {
        for (String option : options) {
            if (option.matches("ndots:\\d{1,4}")) {
                return Math.min(MAX_NDOTS, Integer.parseInt(option.substring("ndots:".length())));
            }
        }
        return defaultNdots;
    }

    /**
     * An address, or {@code address#port} or {@code [address]:port} as some systems write it; null if it is none of
     * these.
     */
    private static InetSocketAddress server(String text) {
        String host = text;
        int port = DNS_PORT;
        int hash = text.indexOf('#');
        int bracket = text.startsWith("[") ? text.indexOf("]:") : -1;
        if (hash > 0 || bracket > 0) {
            host = hash > 0 ? text.substring(0, hash) : text.substring(1, bracket);
            String digits = text.substring(hash > 0 ? hash + 1 : bracket + 2);
            if (!digits.matches("\\d{1,5}") || Integer.parseInt(digits) > 0xffff) {
                return null;
            }
            port = Integer.parseInt(digits);
        }
        int finalPort = port;
        return IpLiteral.parse(host)
                .map(address -> new InetSocketAddress(address, finalPort))
                .orElse(null);
    }
}
