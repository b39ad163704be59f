package link.ambassador.relay.names;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What hosts(5) says: addresses by name in lower case, in the order of the file. */
record HostsFile(Map<String, List<InetAddress>> addresses) {

    static HostsFile parse(List<String> lines) {
        Map<String, List<InetAddress>> addresses = new HashMap<>();
        for (String line : lines) {
            String[] words = line.replaceFirst("#.*", "").trim().split("\\s+", -1);
            Literal.parse(words[0]).ifPresent(address -> {
                for (int i = 1; i < words.length; i++) {
                    List<InetAddress> known =
                            addresses.computeIfAbsent(words[i].toLowerCase(Locale.ROOT), name -> new ArrayList<>());
                    if (!known.contains(address)) {
                        known.add(address);
                    }
                }
            });
        }
        return new HostsFile(addresses);
    }

    /** Empty when the file does not name the host. */
    List<InetAddress> of(String host) {
        return List.copyOf(addresses.getOrDefault(host.toLowerCase(Locale.ROOT), List.of()));
    }
}
