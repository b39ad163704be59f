package link.ambassador.model;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import link.ambassador.config.HostSyntax;
import link.ambassador.config.Link;
import link.ambassador.config.Target;

/**
 * A target where a sidecar would find itself: the loopback address, and a port that it listens on, be it this link's or
 * another's. On other ports there is the app, a target like any other. No other way leads back to a sidecar, because it
 * listens on nothing but its pod's loopback.
 *
 * <p>The relay refuses such a dial too, so that nothing storms; here it is found before somebody connects.
 */
public record SidecarLoops(Link link, Target target) {
    /** As injected relays listen. */
    private static final Set<InetAddress> LISTENED =
            Set.of(address("127.0.0.1"), address("::1"), address("0.0.0.0"), address("::"));

    private static final String LOCALHOST = "localhost";

    /**
     * The first among {@code links}.
     *
     * @param listened the ports that the relay listens on
     */
    public static Optional<SidecarLoops> of(List<Link> links, Collection<Integer> listened) {
        for (Link link : links) {
            for (Target target : link.targets()) {
                if (listened.contains(target.port()) && isTheRelays(target.host())) {
                    return Optional.of(new SidecarLoops(link, target));
                }
            }
        }
        return Optional.empty();
    }

    /** A sentence without its end: which link, which target, and what that is. */
    public String sentence() {
        return "Link " + link.listen() + ": the target " + target + " is where the relay in the pod itself listens";
    }

    private static boolean isTheRelays(String host) {
        if (HostSyntax.isIPv4(host) || HostSyntax.isIPv6(host)) {
            return LISTENED.contains(address(host));
        }
        String lower = host.toLowerCase(Locale.ROOT);
        String name = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
        return name.equals(LOCALHOST) || name.endsWith("." + LOCALHOST);
    }

    /** Of a literal; nothing is looked up. */
    private static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(literal + " is an address", e);
        }
    }
}
