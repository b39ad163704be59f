package link.ambassador.config;

import java.util.List;
import java.util.regex.Pattern;

/**
 * A name that a peer's certificate must have, of type URI (a SPIFFE ID, mostly) or DNS. The types have the words of Gateway API's
 * BackendTLSPolicy.
 *
 * @param value a host name; or a URI, which may end with {@code *} for all that begin with what is before it
 */
public record SubjectAltName(Type type, String value) {
    /** The kind of a name. */
    public enum Type implements Word {
        URI("URI", "uri"),
        HOSTNAME("Hostname", "hostname");

        private final String word;
        private final String field;

        Type(String word, String field) {
            this.word = word;
            this.field = field;
        }

        @Override
        public String word() {
            return word;
        }

        /** The table's field with the name itself. */
        String field() {
            return field;
        }
    }

    /** How many names a side of a link may list. */
    public static final int MAX_NAMES = 16;

    static final String URI_PATTERN = "^[A-Za-z][A-Za-z0-9+.-]*:[!-~]{1,2000}$";
    static final String URI_WANTED =
            "a URI such as spiffe://corp/ns/db/sa/pg, with '*' at its end only, and behind a '/'";
    static final String HOSTNAME_WANTED = "a DNS name without a trailing dot";
    private static final Pattern URI = Pattern.compile(URI_PATTERN);

    /** @throws IllegalArgumentException with a sentence that says what would be right */
    public SubjectAltName {
        if (!isValid(type, value)) {
            throw new IllegalArgumentException(
                    "A subjectAltName is '" + Printable.text(value) + "': it must be " + wanted(type));
        }
    }

    static String wanted(Type type) {
        return type == Type.URI ? URI_WANTED : HOSTNAME_WANTED;
    }

    static boolean isValid(Type type, String value) {
        if (type == Type.HOSTNAME) {
            return isHostname(value);
        }
        int star = value.indexOf('*');
        return URI.matcher(value).matches()
                && (star < 0 || (star == value.length() - 1 && value.charAt(star - 1) == '/'));
    }

    /** Whether a certificate can be for {@code name}: a DNS name, and without the dot that only resolvers know. */
    static boolean isHostname(String name) {
        return HostSyntax.isName(name) && !HostSyntax.isIPv4(name) && !name.endsWith(".");
    }

    static void requireFew(List<SubjectAltName> names, String what) {
        if (names.size() > MAX_NAMES) {
            throw new IllegalArgumentException(
                    what + " has " + names.size() + " names: it must have at most " + MAX_NAMES);
        }
    }
}
