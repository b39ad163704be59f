package link.ambassador.relay.proxy;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import link.ambassador.config.BadSettingException;
import link.ambassador.config.HostSyntax;
import link.ambassador.config.RelayEnvironment;

/**
 * The addresses that every link listens on.
 *
 * @param hosts in digits; {@code ::} takes IPv4 connections too
 * @param skipped those of a family that this kernel lacks
 */
public record ListenAddresses(List<String> hosts, List<String> skipped) {
    public static final String VARIABLE = RelayEnvironment.LISTEN_HOST;
    private static final String ANY_IPV4 = "0.0.0.0";
    private static final String ANY_IPV6 = "::";

    /**
     * Reads a list separated by commas or spaces; empty means every address, IPv4 and IPv6.
     *
     * @throws BadSettingException when an entry is no IP address, or none is left
     */
    public static ListenAddresses parse(String variable, String value, boolean kernelHasIpv6) {
        Set<String> asked = new LinkedHashSet<>();
        for (String entry : value.split("[,\\s]+", -1)) {
            String host = entry.startsWith("[") && entry.endsWith("]") ? entry.substring(1, entry.length() - 1) : entry;
            if (host.isEmpty()) {
                continue;
            }
            if (!HostSyntax.isIPv4(host) && !HostSyntax.isIPv6(host)) {
                throw new BadSettingException(variable, value, "a list of IP addresses, such as 127.0.0.1,::1");
            }
            asked.add(host);
        }
        if (asked.isEmpty()) {
            asked.add(ANY_IPV4);
            asked.add(ANY_IPV6);
        }
        List<String> skipped = new ArrayList<>();
        if (!kernelHasIpv6) {
            asked.removeIf(host -> HostSyntax.isIPv6(host) && skipped.add(host));
        }
        if (asked.contains(ANY_IPV6)) {
            // One socket serves both families; a second one on 0.0.0.0 would find the port taken.
            asked.remove(ANY_IPV4);
        }
        if (asked.isEmpty()) {
            throw new BadSettingException(variable, value, "at least one IPv4 address: this kernel has no IPv6");
        }
        return new ListenAddresses(List.copyOf(asked), List.copyOf(skipped));
    }

    public static boolean kernelHasIpv6() {
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.INET6)) {
            return probe.isOpen()
                    && NetworkInterface.networkInterfaces()
                            .flatMap(NetworkInterface::inetAddresses)
                            .anyMatch(Inet6Address.class::isInstance);
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    /**
     * Whether a connection to this address would arrive at a listener on these hosts, if one has its port.
     *
     * @param ofThisMachine whether an address is
     */
    boolean cover(InetAddress address, Predicate<InetAddress> ofThisMachine) {
        try {
            for (String host : hosts) {
                InetAddress listening = InetAddress.getByName(host);
                if (listening.equals(address) || (listening.isAnyLocalAddress() && ofThisMachine.test(address))) {
                    return true;
                }
            }
            return address.isAnyLocalAddress() && !hosts.isEmpty();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
