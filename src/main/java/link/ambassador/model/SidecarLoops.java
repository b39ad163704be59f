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
 * A target that leads a sidecar back to itself: the loopback address, and a port that the sidecar listens on, for this link or another
 * one. Other ports of the loopback are the app's, and valid targets. No other target leads back to a sidecar, because it listens only on
 * the loopback of its pod.
 *
 * <p>The relay refuses such a dial too, so nothing loops without end; this check finds the loop before anybody connects.
 */
public record SidecarLoops(Link link, Target target) {
    /** The addresses of the loopback, where injected relays listen. */
    private static final Set<InetAddress> LISTENED =
            Set.of(address("127.0.0.1"), address("::1"), address("0.0.0.0"), address("::"));

    private static final String LOCALHOST = "localhost";

    /**
     * The first one among {@code links}.
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

    /** A sentence without its end: the link, the target, and where that leads. */
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

    /** The address of a literal; without any look-up. */
    private static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(literal + " is an address", e);
        }
    }
}
