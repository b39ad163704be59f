package link.ambassador.operator.gateway;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import link.ambassador.config.HostSyntax;

/**
 * Which gateway a target's host leads to, as a pod's resolver would find it
 * (https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/): {@code svc} within its own namespace,
 * {@code svc.ns}, {@code svc.ns.svc}, {@code svc.ns.svc.<clusterDomain>}, in any case, with or without a trailing dot, and
 * the Service's addresses however they are spelled. For one judgement, on one thread.
 */
final class GatewayHosts {
    private static final String SVC = ".svc";

    private final String domain;
    private final Map<String, Gateway> byName = new HashMap<>();
    private final Map<InetAddress, Gateway> byAddress = new HashMap<>();
    private final Map<Asked, Optional<Gateway>> found = new HashMap<>();

    private record Asked(String host, String namespace) {}

    /** @param gateways of which the first has a name that several claim */
    GatewayHosts(List<Gateway> gateways, String clusterDomain) {
        this.domain = SVC + "." + plain(clusterDomain);
        for (Gateway gateway : gateways) {
            byName.putIfAbsent(plain(gateway.service() + "." + gateway.namespace()), gateway);
            for (String address : gateway.addresses()) {
                address(address).ifPresent(literal -> byAddress.putIfAbsent(literal, gateway));
            }
        }
    }

    /** The gateway that {@code host} means to a pod in {@code namespace}. */
    Optional<Gateway> find(String host, String namespace) {
        Asked asked = new Asked(host, namespace);
        Optional<Gateway> known = found.get(asked);
        if (known == null) {
            known = look(host, namespace);
            found.put(asked, known);
        }
        return known;
    }

    /** The gateways that were found so far, by uid. */
    Set<String> foundUids() {
        return found.values().stream()
                .flatMap(Optional::stream)
                .map(Gateway::uid)
                .collect(Collectors.toSet());
    }

    private Optional<Gateway> look(String host, String namespace) {
        Optional<InetAddress> address = address(host);
        return Optional.ofNullable(
                address.isPresent() ? byAddress.get(address.get()) : byName.get(serviceAndNamespace(host, namespace)));
    }

    /** Whether {@code host} is wherever one asks: the loopback, or the unspecified address, which systems take for it. */
    static boolean isLoopback(String host) {
        String name = plain(host);
        return address(host)
                .map(address -> address.isLoopbackAddress() || address.isAnyLocalAddress())
                .orElse(name.equals("localhost") || name.endsWith(".localhost"));
    }

    /** {@code redis.svc} is the Service redis of a namespace svc, and not a Service of the own namespace. */
    private String serviceAndNamespace(String host, String namespace) {
        String name = plain(host);
        if (name.endsWith(domain)) {
            return name.substring(0, name.length() - domain.length());
        }
        if (name.endsWith(SVC) && name.indexOf('.') < name.length() - SVC.length()) {
            return name.substring(0, name.length() - SVC.length());
        }
        return name.indexOf('.') < 0 ? name + "." + plain(namespace) : name;
    }

    private static String plain(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    /** The address that {@code host} spells; nothing is looked up. */
    private static Optional<InetAddress> address(String host) {
        if (!HostSyntax.isIPv4(host) && !HostSyntax.isIPv6(host)) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName(host));
        } catch (UnknownHostException e) {
            throw new IllegalStateException(host + " is an address", e);
        }
    }
}
