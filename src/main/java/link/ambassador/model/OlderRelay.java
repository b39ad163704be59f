package link.ambassador.model;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import link.ambassador.config.Feature;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;

/**
 * What a relay is given of links whose features it may not know, or whose credentials its pod may lack. A relay of an older version ignores the
 * fields that it does not know, and would serve such a link without what the fields are there for. A pod's credentials are those that it
 * was created with.
 *
 * @param features that the relay knows
 * @param credentials that the relay's pod has
 * @param current the table that it has now; empty when it has none
 */
public record OlderRelay(Set<Feature> features, Set<String> credentials, Optional<LinkTable> current) {
    /** Whether the relay can serve the link: it knows its features, and has its credentials. */
    public boolean knows(Link link) {
        return features.containsAll(link.features()) && credentials.containsAll(link.credentials());
    }

    /** The link itself if the relay knows its features; otherwise the link as the relay has it now, or empty if it has none. */
    public Optional<Link> served(Link link) {
        return knows(link)
                ? Optional.of(link)
                : current.map(LinkTable::links).orElse(List.of()).stream()
                        .filter(had ->
                                had.listen() == link.listen() && had.alias().equals(link.alias()) && knows(had))
                        .findFirst();
    }

    /** The table of which the relay knows everything, with a revision of its own; the same table if it knows all of that. */
    public LinkTable served(LinkTable table) {
        if (table.links().stream().allMatch(this::knows)) {
            return table;
        }
        List<Link> links =
                table.links().stream().flatMap(link -> served(link).stream()).toList();
        return new LinkTable(Optional.of(DesiredTable.revision(links)), table.sources(), links);
    }
}
