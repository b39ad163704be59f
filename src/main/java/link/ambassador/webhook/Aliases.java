package link.ambassador.webhook;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import link.ambassador.config.Annotations;
import link.ambassador.config.Environment;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.Printable;

/** The host names of a pod's links: those of its table, and those that its author announces. */
final class Aliases {
    /** How many names a pod may announce: each is a line of its hosts file that every look-up reads. */
    private static final int MOST_ANNOUNCED = 256;

    private Aliases() {}

    /** In order, with those of the table first. */
    static Set<String> of(LinkTable table, Map<String, String> annotations, List<String> warnings) {
        Set<String> aliases = new LinkedHashSet<>();
        List<String> unusable = new ArrayList<>();
        for (Link link : table.links()) {
            (HostAliases.mayBe(link.alias()) ? aliases : unusable).add(link.alias());
        }
        Set<String> announcements = new Environment(annotations).list(Annotations.ALIASES);
        if (announcements.size() > MOST_ANNOUNCED) {
            warnings.add("The annotation " + Annotations.ALIASES + " announces " + announcements.size()
                    + " names, of which the first " + MOST_ANNOUNCED + " are used.");
        }
        for (String announced : announcements.stream().limit(MOST_ANNOUNCED).toList()) {
            (HostAliases.mayBe(announced) ? aliases : unusable).add(announced);
        }
        unusable.stream()
                .distinct()
                .forEach(alias -> warnings.add("The alias '" + Printable.text(alias)
                        + "' gets no host name: it must be a DNS name in lower case, and not localhost."));
        return aliases;
    }
}
