package link.ambassador.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The links in an environment, as Docker's links wrote them: {@code REDIS_PORT_6379_TCP=tcp://192.168.1.52:6379}.
 *
 * <p>A link variable is any {@code <ALIAS>_PORT_<port>_TCP}. The alias is its name in lower case with {@code -} for
 * {@code _}. These are not link variables: those that start with {@code KUBERNETES_}, those that the kubelet made for a
 * Service (the host equals {@code <ALIAS>_SERVICE_HOST}), and Docker's other variables ({@code _ADDR}, {@code _PORT},
 * {@code _PROTO}, {@code <ALIAS>_NAME}, {@code <ALIAS>_ENV_*}).
 *
 * @param links by listen port, without refused ones. Variables with the same listen port and target, as Compose writes
 *     them, make one link, with the shortest alias; of several, the first in the alphabet
 * @param refusals by variable. If variables claim one listen port for different targets, all are refused, because a
 *     guess could be wrong
 * @param udp the {@code <ALIAS>_PORT_<port>_UDP} that the kubelet did not make, by name. Like the original, the relay
 *     ignores them, but it logs them
 * @param inherited the {@code <ALIAS>_ENV_<ALIAS>_PORT_<port>_TCP}, by name: the links of a linked container, which
 *     Docker passes on with its environment. The relay logs them too, because the user may have meant such an alias
 */
public record LinkVariables(List<Link> links, List<Refusal> refusals, List<String> udp, List<String> inherited) {
    private static final String FORM =
            "it must be tcp://<host>:<port>, as in tcp://192.168.1.52:6379 or tcp://[::1]:6379";
    private static final String SCHEME = "tcp://";
    private static final Comparator<Link> SHORTEST_ALIAS =
            Comparator.<Link>comparingInt(link -> link.alias().length()).thenComparing(Link::alias);
    private static final Pattern NAME = Pattern.compile("(.*)_PORT_([0-9]+)_(TCP|UDP)", Pattern.DOTALL);

    /**
     * https://github.com/moby/moby/blob/v28.0.0/daemon/links/links.go: all variables of the linked container except
     * two.
     */
    private static final Pattern INHERITED = Pattern.compile(".+_ENV_.+", Pattern.DOTALL);

    private static final Pattern VALUE = Pattern.compile("(?:\\[([^\\[\\]]*)]|([^\\[\\]:]*)):([0-9]{1,5})");

    /**
     * A variable that looks like a link and is not one.
     *
     * @param variable its name
     * @param sentence names the variable, what was found and what would be right
     */
    public record Refusal(String variable, String sentence) {}

    public LinkVariables {
        links = List.copyOf(links);
        refusals = List.copyOf(refusals);
        udp = List.copyOf(udp);
        inherited = List.copyOf(inherited);
    }

    /** {@link #read(Map, Map)} with no port reserved. */
    public static LinkVariables read(Map<String, String> environment) {
        return read(environment, Map.of());
    }

    /**
     * Reads the links of an environment. Never fails, and does not depend on the order of the map.
     *
     * @param reserved ports that no link may listen on, each with what it is, as in {@code "the admin port"}
     */
    public static LinkVariables read(Map<String, String> environment, Map<Integer, String> reserved) {
        TreeMap<Integer, TreeMap<String, Link>> byPort = new TreeMap<>();
        TreeMap<String, String> refused = new TreeMap<>();
        List<String> udp = new ArrayList<>();
        List<String> inherited = new ArrayList<>();
        for (Map.Entry<String, String> entry : new TreeMap<>(environment).entrySet()) {
            String name = entry.getKey();
            Matcher parts = NAME.matcher(name);
            if (!mayBeLink(parts, entry.getValue(), environment)) {
                continue;
            }
            boolean isTcp = parts.group(3).equals("TCP");
            if (INHERITED.matcher(parts.group(1)).matches()) {
                if (isTcp) {
                    inherited.add(name);
                }
                continue;
            }
            if (!isTcp) {
                udp.add(name);
                continue;
            }
            try {
                Link link = link(parts.group(1), parts.group(2), entry.getValue());
                byPort.computeIfAbsent(link.listen(), port -> new TreeMap<>()).put(name, link);
            } catch (MalformedException malformed) {
                refused.put(name, Printable.text(name) + malformed.getMessage());
            }
        }
        List<Link> links = new ArrayList<>();
        byPort.forEach((port, claims) -> {
            if (reserved.containsKey(port)) {
                claims.keySet()
                        .forEach(name -> refused.put(
                                name,
                                Printable.text(name) + " claims the listen port " + port + ", which is "
                                        + reserved.get(port) + ": each must have a port of its own"));
            } else if (claims.values().stream().map(Link::targets).distinct().count() == 1) {
                links.add(Collections.min(claims.values(), SHORTEST_ALIAS));
            } else {
                claims.keySet().forEach(name -> refused.put(name, claimedTwice(name, port, claims)));
            }
        });
        List<Refusal> refusals = new ArrayList<>();
        refused.forEach((name, sentence) -> refusals.add(new Refusal(name, sentence)));
        return new LinkVariables(links, refusals, udp, inherited);
    }

    /** Whether the environment has a link variable, good or bad: a process without a role is then a relay. */
    public static boolean anyIn(Map<String, String> environment) {
        LinkVariables variables = read(environment);
        return !variables.links.isEmpty() || !variables.refusals.isEmpty();
    }

    private static boolean mayBeLink(Matcher parts, String value, Map<String, String> environment) {
        if (!parts.matches() || parts.group().startsWith("KUBERNETES_")) {
            return false;
        }
        return !isOfService(parts.group(1), value, environment);
    }

    /**
     * Whether the kubelet made {@code value}, of any scheme, for the Service whose variables begin with {@code prefix}.
     */
    static boolean isOfService(String prefix, String value, Map<String, String> environment) {
        String serviceHost = environment.get(prefix + "_SERVICE_HOST");
        return serviceHost != null && serviceHost.equals(hostIn(value));
    }

    /** The host of a value of any scheme, without brackets; empty when there is none to be seen. */
    private static String hostIn(String value) {
        int scheme = value.indexOf("://");
        Matcher address = VALUE.matcher(scheme < 0 ? value : value.substring(scheme + 3));
        return address.matches() ? host(address) : "";
    }

    private static String host(Matcher address) {
        return address.group(1) == null ? address.group(2) : address.group(1);
    }

    private static Link link(String prefix, String listen, String value) throws MalformedException {
        String alias = prefix.toLowerCase(Locale.ROOT).replace('_', '-');
        if (!Link.validAlias(alias)) {
            throw new MalformedException(
                    " has the alias '" + Printable.text(alias) + "': it must be " + Link.ALIAS_WANTED);
        }
        if (listen.startsWith("0") || listen.length() > 5 || !Ports.valid(Long.parseLong(listen))) {
            throw new MalformedException(" names the listen port " + Printable.text(listen) + ": it must be "
                    + Ports.WANTED + ", without leading zeros");
        }
        return Link.of(alias, Integer.parseInt(listen), List.of(target(value)));
    }

    private static Target target(String value) throws MalformedException {
        String is = " is '" + Printable.text(value) + "'";
        // RFC 3986, section 3.1: a scheme is one in upper case too.
        if (!value.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            throw new MalformedException(is + ": " + FORM);
        }
        Matcher address = VALUE.matcher(value.substring(SCHEME.length()));
        if (!address.matches()) {
            throw new MalformedException(is + ": " + FORM);
        }
        String host = host(address);
        boolean bracketed = address.group(1) != null;
        if (bracketed ? !HostSyntax.isIPv6(host) : !HostSyntax.isHost(host)) {
            throw new MalformedException(is + ", whose host is '" + Printable.text(host) + "': it must be "
                    + (bracketed
                            ? "an IPv6 address without zone when it is in brackets"
                            : "an IP address or a DNS name")
                    + ", as in tcp://192.168.1.52:6379 or tcp://[::1]:6379");
        }
        int port = Integer.parseInt(address.group(3));
        if (!Ports.valid(port)) {
            throw new MalformedException(is + ", whose port is " + port + ": it must be " + Ports.WANTED);
        }
        return new Target(host, port);
    }

    private static String claimedTwice(String name, int port, TreeMap<String, Link> claims) {
        String others = claims.entrySet().stream()
                .filter(other -> !other.getKey().equals(name))
                .map(other -> Printable.text(other.getKey()) + " for " + only(other.getValue()))
                .collect(Collectors.joining(", "));
        return Printable.text(name) + " claims the listen port " + port + " for " + only(claims.get(name)) + ", and "
                + others + ": each target must have a port of its own";
    }

    private static Target only(Link link) {
        return link.targets().get(0);
    }

    /** The problem of a variable, as the rest of a sentence that starts with its name. */
    private static final class MalformedException extends Exception {
        MalformedException(String sentence) {
            super(sentence, null, false, false);
        }
    }
}
