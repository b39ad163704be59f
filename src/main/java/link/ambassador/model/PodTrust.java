package link.ambassador.model;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import link.ambassador.config.Link;
import link.ambassador.config.Trust;

/** The bundles of certificates in the table of one pod, each once, while links are added to the table. */
final class PodTrust {
    /** {@code "trust":{},} */
    private static final int BYTES_OF_FIELD = 11;

    /** The quotes, the colon and the comma of {@code "name":"text",} */
    private static final int BYTES_OF_ENTRY = 6;

    private final Map<String, String> byName = new HashMap<>();
    private int characters;

    /** Those of links that stay in the table. */
    static PodTrust of(List<Link> links) {
        PodTrust trust = new PodTrust();
        links.forEach(trust::add);
        return trust;
    }

    /** At most so many bytes of JSON would come with the link. */
    int bytesOfNew(Link link) {
        int bytes = 0;
        for (Trust.Bundle bundle : link.bundles().distinct().toList()) {
            if (!byName.containsKey(bundle.name())) {
                // A line break is two characters.
                bytes += BYTES_OF_ENTRY
                        + bundle.name().length()
                        + bundle.pem().length()
                        + (int) bundle.pem().chars().filter(c -> c == '\n').count();
            }
        }
        return bytes == 0 || !byName.isEmpty() ? bytes : bytes + BYTES_OF_FIELD;
    }

    /**
     * Adds the bundles of a link; false, and nothing is added, when a table may not have them as well: they are too large together, or
     * somebody wrote another bundle of the same name into the pod's table.
     */
    boolean add(Link link) {
        Map<String, String> added = new HashMap<>();
        int sum = characters;
        for (Trust.Bundle bundle : link.bundles().toList()) {
            String known = byName.getOrDefault(bundle.name(), added.get(bundle.name()));
            if (known == null) {
                added.put(bundle.name(), bundle.pem());
                sum += bundle.pem().length();
            } else if (!known.equals(bundle.pem())) {
                return false;
            }
        }
        if (sum > Trust.Bundle.MAX_PEM_LENGTH) {
            return false;
        }
        byName.putAll(added);
        characters = sum;
        return true;
    }
}
