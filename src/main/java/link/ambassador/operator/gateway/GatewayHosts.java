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
 * Finds the gateway that the host of a target leads to, as a pod's resolver would
 * (https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/): {@code svc} in its own namespace, {@code svc.ns},
 * {@code svc.ns.svc}, {@code svc.ns.svc.<clusterDomain>}, in upper or lower case, with or without a trailing dot, and the addresses of
 * the Service in any spelling. For one judgement, on one thread.
 */
final class GatewayHosts {
    private static final String SVC = ".svc";

    private final String domain;
    private final Map<String, Gateway> byName = new HashMap<>();
    private final Map<InetAddress, Gateway> byAddress = new HashMap<>();
    private final Map<Query, Optional<Gateway>> found = new HashMap<>();

    private record Query(String host, String namespace) {}

    /** @param gateways if several claim a name, the first has it */
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
        Query query = new Query(host, namespace);
        Optional<Gateway> gateway = found.get(query);
        if (gateway == null) {
            gateway = search(host, namespace);
            found.put(query, gateway);
        }
        return gateway;
    }

    /** The uids of the gateways that were found so far. */
    Set<String> foundUids() {
        return found.values().stream()
                .flatMap(Optional::stream)
                .map(Gateway::uid)
                .collect(Collectors.toSet());
    }

    private Optional<Gateway> search(String host, String namespace) {
        Optional<InetAddress> address = address(host);
        return Optional.ofNullable(
                address.isPresent() ? byAddress.get(address.get()) : byName.get(serviceAndNamespace(host, namespace)));
    }

    /** Whether {@code host} is the pod itself: the loopback, or the unspecified address, which systems treat as the loopback. */
    static boolean isLoopback(String host) {
        String name = plain(host);
        return address(host)
                .map(address -> address.isLoopbackAddress() || address.isAnyLocalAddress())
                .orElse(name.equals("localhost") || name.endsWith(".localhost"));
    }

    /** {@code redis.svc} is the Service redis of a namespace svc, not a Service of the pod's own namespace. */
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
