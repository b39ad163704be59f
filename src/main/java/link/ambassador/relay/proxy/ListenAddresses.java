package link.ambassador.relay.proxy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import link.ambassador.config.BadSettingException;
import link.ambassador.config.HostSyntax;

/**
 * The addresses that every link listens on.
 *
 * @param hosts as IP addresses; {@code ::} accepts IPv4 connections too
 * @param skipped the IPv6 addresses of the list, if IPv6 is not available
 */
public record ListenAddresses(List<String> hosts, List<String> skipped) {
    private static final String ANY_IPV4 = "0.0.0.0";
    private static final String ANY_IPV6 = "::";

    /**
     * Parses a list separated by commas or spaces. An empty list means every address, IPv4 and IPv6.
     *
     * @throws BadSettingException if an entry is no IP address, or none is left
     */
    public static ListenAddresses parse(String variable, String value, boolean isIpv6Available) {
        Set<String> hosts = new LinkedHashSet<>();
        for (String entry : value.split("[,\\s]+", -1)) {
            String host = entry.startsWith("[") && entry.endsWith("]") ? entry.substring(1, entry.length() - 1) : entry;
            if (host.isEmpty()) {
                continue;
            }
            if (!HostSyntax.isIPv4(host) && !HostSyntax.isIPv6(host)) {
                throw new BadSettingException(variable, value, "a list of IP addresses, such as 127.0.0.1,::1");
            }
            hosts.add(host);
        }
        if (hosts.isEmpty()) {
            hosts.add(ANY_IPV4);
            hosts.add(ANY_IPV6);
        }
        List<String> skipped = new ArrayList<>();
        if (!isIpv6Available) {
            hosts.removeIf(host -> HostSyntax.isIPv6(host) && skipped.add(host));
        }
        if (hosts.contains(ANY_IPV6)) {
            // One socket accepts both families; a second one on 0.0.0.0 would find the port taken.
            hosts.remove(ANY_IPV4);
        }
        if (hosts.isEmpty()) {
            throw new BadSettingException(variable, value, "at least one IPv4 address: this kernel has no IPv6");
        }
        return new ListenAddresses(List.copyOf(hosts), List.copyOf(skipped));
    }

    /**
     * Whether a connection to this address reaches a listener on these hosts, if a listener has its port.
     *
     * @param isLocal whether an address is one of this machine
     */
    boolean cover(InetAddress address, Predicate<InetAddress> isLocal) {
        try {
            for (String host : hosts) {
                InetAddress listening = InetAddress.getByName(host);
                if (listening.equals(address) || (listening.isAnyLocalAddress() && isLocal.test(address))) {
                    return true;
                }
            }
            return address.isAnyLocalAddress() && !hosts.isEmpty();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
