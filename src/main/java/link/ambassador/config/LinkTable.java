package link.ambassador.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * All links that one relay process serves; replaced whole, applied as a difference. No links is a table too.
 *
 * @param revision a short hash of what the table says, opaque here: given back as the acknowledgement; empty when whoever
 *     wrote the table wants none
 * @param sources the resources it was made from
 * @param links in the order of the document, no two on one listen port
 */
public record LinkTable(Optional<String> revision, List<Source> sources, List<Link> links) {
    /** What a revision, a namespace or a name may be, as the end of a sentence. */
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
    }

    /** A table of these links that says neither its revision nor its sources. */
    public static LinkTable of(List<Link> links) {
        return new LinkTable(Optional.empty(), List.of(), links);
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
