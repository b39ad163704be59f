package link.ambassador.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import link.ambassador.config.HostSyntax;

/**
 * The names that a pod's hosts file gives to its relay.
 *
 * <p>They get one entry, with an address that the pod's own entries do not have. Two entries with one address cannot be applied
 * server-side, because the address is the list's key. And the names of one entry are one value (a list of type {@code atomic}), so a name
 * added to the author's entry would be an edit of it, which an existing pod does not allow. On Linux all of 127.0.0.0/8 is loopback, so
 * if 127.0.0.1 is the author's, the relay listens on another address there too.
 *
 * <p>IPv4 only: the webhook does not know whether the pod has {@code ::1}, and a program that tries only one address would fail in a pod
 * without it.
 *
 * @param names those that lead to the relay; the relay itself looks them up in DNS
 * @param addresses those that the relay must listen on, in order
 */
record HostAliases(List<String> names, Set<String> addresses) {
    private static final String IPV4 = "127.0.0.1";
    private static final String IPV6 = "::1";
    private static final String LOOPBACK_NETWORK = "127.0.0.";
    private static final int MOST_HOSTS = 254;

    /**
     * Adds {@code aliases} for the relay to the hosts entries of {@code spec}. A name that the pod's author gave to another address
     * keeps that address.
     *
     * @param listenedOn the addresses that an earlier invocation chose
     * @param warnings gets a warning about each such name
     */
    static HostAliases putInto(
            ObjectNode spec, Collection<String> aliases, Collection<String> listenedOn, List<String> warnings) {
        Set<String> addresses = new LinkedHashSet<>(List.of(IPV4, IPV6));
        Map<String, ObjectNode> entries = entries(spec);
        Map<String, Set<String>> addressesByName = addressesByName(entries);
        listenedOn.stream().filter(entries::containsKey).forEach(addresses::add);
        List<String> names = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        for (String alias : aliases) {
            Set<String> holders = addressesByName.getOrDefault(alias, Set.of());
            if (holders.isEmpty()) {
                missing.add(alias);
            }
            if (addresses.containsAll(holders)) {
                names.add(alias);
            } else {
                warnings.add("The pod's own host alias of '" + alias + "' (" + String.join(", ", holders)
                        + ") is kept, so this name does not lead to the relay.");
            }
        }
        Optional<String> free = free(entries.keySet());
        if (!missing.isEmpty() && free.isPresent()) {
            addresses.add(free.get());
            ArrayNode hostnames = spec.withArrayProperty("hostAliases")
                    .addObject()
                    .put("ip", free.get())
                    .putArray("hostnames");
            missing.forEach(hostnames::add);
        }
        return new HostAliases(List.copyOf(names), addresses);
    }

    /** By address. Entries with one address become one entry, which gives the same hosts file. */
    private static Map<String, ObjectNode> entries(ObjectNode spec) {
        Map<String, ObjectNode> entries = new LinkedHashMap<>();
        if (!(spec.get("hostAliases") instanceof ArrayNode given)) {
            return entries;
        }
        for (JsonNode entry : given) {
            ObjectNode first = entries.putIfAbsent(entry.path("ip").asText(), (ObjectNode) entry);
            if (first != null) {
                entry.path("hostnames").forEach(first.withArrayProperty("hostnames")::add);
            }
        }
        if (entries.size() < given.size()) {
            given.removeAll().addAll(entries.values());
        }
        return entries;
    }

    private static Map<String, Set<String>> addressesByName(Map<String, ObjectNode> entries) {
        Map<String, Set<String>> addresses = new HashMap<>();
        entries.forEach((address, entry) -> entry.path("hostnames").forEach(hostname -> addresses
                .computeIfAbsent(hostname.asText(), name -> new LinkedHashSet<>())
                .add(address)));
        return addresses;
    }

    private static Optional<String> free(Set<String> taken) {
        for (int host = 1; host <= MOST_HOSTS; host++) {
            if (!taken.contains(LOOPBACK_NETWORK + host)) {
                return Optional.of(LOOPBACK_NETWORK + host);
            }
        }
        return Optional.empty();
    }

    /** Whether the API server accepts {@code name} as a host name (RFC 1123, in lower case), and it is not localhost. */
    static boolean mayBe(String name) {
        return HostSyntax.isName(name)
                && name.matches("[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
                && !name.equals("localhost");
    }
}
