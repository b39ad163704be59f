package link.ambassador.model;

import java.util.Optional;
import java.util.Set;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;

/**
 * A link of a spec that names a ConfigMap without usable certificates. Relays serve it as they did before; a relay that had no such link
 * gets none, because without its authorities it could only be served without TLS.
 *
 * @param credentials that the link names
 * @param reason of the condition ResolvedRefs
 * @param sentence what is wrong, and what would be right
 * @param pending whether the ConfigMap is only being read for the first time
 */
public record UnresolvedLink(
        String alias, int listen, Set<String> credentials, ConditionReason reason, String sentence, boolean pending) {
    /** The link as it is in {@code current}; empty when it is not there. */
    public Optional<Link> in(Optional<LinkTable> current) {
        return current.stream()
                .flatMap(table -> table.links().stream())
                .filter(link -> link.listen() == listen && link.alias().equals(alias))
                .findFirst();
    }
}
