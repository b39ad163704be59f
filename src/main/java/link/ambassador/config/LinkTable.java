package link.ambassador.config;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All links that one relay process serves. A new table replaces the old one as a whole, and the relay applies the
 * difference. A table may have no links.
 *
 * @param revision a short hash of the table, with which the relay acknowledges it; empty if its writer needs no
 *     acknowledgement
 * @param sources the resources that it was made from
 * @param links in the order of the document, no two on one listen port
 * @param staged what some relays serve in their place; empty when every relay serves the same
 */
public record LinkTable(
        Optional<String> revision, List<Source> sources, List<Link> links, Optional<StagedLinks> staged) {
    /** The valid revisions, namespaces and names, as the end of a sentence. */
    static final String OPAQUE_WANTED = "1 to 253 visible ASCII characters";

    static final String OPAQUE_PATTERN = "^[!-~]{1,253}$";
    private static final Pattern OPAQUE = Pattern.compile(OPAQUE_PATTERN);

    /** @throws IllegalArgumentException with a sentence that says what would be right */
    public LinkTable {
        revision.ifPresent(text -> requireOpaque(text, "A revision"));
        sources = List.copyOf(sources);
        links = List.copyOf(links);
        Map<Integer, Link> byPort = new HashMap<>();
        for (Link link : links) {
            Link other = byPort.putIfAbsent(link.listen(), link);
            if (other != null) {
                throw new IllegalArgumentException("Links '" + other.alias() + "' and '" + link.alias()
                        + "' both listen on port " + link.listen() + ": each must have a port of its own");
            }
        }
        requireOneBundlePerName(everyLink(links, staged));
        // Not with map(): the JVM would link its lambda also for a table that stages nothing.
        for (Link link : staged.isPresent() ? staged.get().links() : List.<Link>of()) {
            if (!byPort.containsKey(link.listen())) {
                throw new IllegalArgumentException("A staged link listens on port " + link.listen()
                        + ": it must be the port of a link of the table");
            }
        }
    }

    /** A table that every relay serves. */
    public LinkTable(Optional<String> revision, List<Source> sources, List<Link> links) {
        this(revision, sources, links, Optional.empty());
    }

    private static void requireOneBundlePerName(List<Link> links) {
        Map<String, Trust.Bundle> byName = new HashMap<>();
        int length = 0;
        for (Link link : links) {
            // Streams only for links with TLS: the JVM links their lambdas at the first call, and a first retarget
            // waits for that.
            for (Trust.Bundle bundle : link.hasTls() ? link.bundles().toList() : List.<Trust.Bundle>of()) {
                Trust.Bundle other = byName.putIfAbsent(bundle.name(), bundle);
                if (other == null) {
                    length += bundle.pem().length();
                } else if (!other.equals(bundle)) {
                    throw new IllegalArgumentException(
                            "Two bundles are named '" + bundle.name() + "': each must have a name of its own");
                }
            }
        }
        if (length > Trust.Bundle.MAX_PEM_LENGTH) {
            throw new IllegalArgumentException("The bundles of a table have " + length
                    + " characters together: it must be at most " + Trust.Bundle.MAX_PEM_LENGTH);
        }
    }

    /** A table of these links, without revision and sources. */
    public static LinkTable of(List<Link> links) {
        return new LinkTable(Optional.empty(), List.of(), links);
    }

    /** Those that every relay serves, and those that some serve in their place. */
    public List<Link> everyLink() {
        return everyLink(links, staged);
    }

    private static List<Link> everyLink(List<Link> links, Optional<StagedLinks> staged) {
        return staged.isEmpty()
                ? links
                : Stream.concat(links.stream(), staged.get().links().stream()).toList();
    }

    /** The features that a relay needs to serve these links. */
    public Set<Feature> requires() {
        Set<Feature> required = EnumSet.noneOf(Feature.class);
        everyLink().forEach(link -> required.addAll(link.features()));
        if (staged.isPresent()) {
            required.add(Feature.STAGED);
        }
        return required;
    }

    /**
     * What the relay of one pod serves of this table, with the same revision.
     *
     * @param pod the name of the pod; empty for a relay that does not know it
     */
    public LinkTable forPod(Optional<String> pod) {
        if (staged.isEmpty()) {
            return this;
        }
        if (pod.filter(staged.get().pods()::contains).isEmpty()) {
            return new LinkTable(revision, sources, links);
        }
        Map<Integer, Link> own =
                staged.get().links().stream().collect(Collectors.toMap(Link::listen, Function.identity()));
        return new LinkTable(
                revision,
                sources,
                links.stream()
                        .map(link -> own.getOrDefault(link.listen(), link))
                        .toList());
    }

    static boolean opaque(String text) {
        return OPAQUE.matcher(text).matches();
    }

    static void requireOpaque(String text, String what) {
        if (!opaque(text)) {
            throw new IllegalArgumentException(
                    what + " is '" + Printable.text(text) + "': it must be " + OPAQUE_WANTED);
        }
    }
}
