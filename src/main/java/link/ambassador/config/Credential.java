package link.ambassador.config;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A secret text in a file of the relay: the key {@code key} of the Secret {@code name}, which the kubelet brings to {@code name/key} below
 * {@link RelayEnvironment#TLS_DIRECTORY}. The table names it and never contains it.
 *
 * @param name has the form of a Secret's name
 * @param key has the form of a key of a Secret: 1 to 253 letters, digits, '-', '_' and '.'
 */
public record Credential(String name, String key) {
    /** What would be right, as the end of a sentence. */
    static final String WANTED =
            "the name of a Secret and one of its keys, such as \"redis-auth/password\", each at most 253 characters";

    static final String PATTERN = CertificateName.PATTERN.substring(0, CertificateName.PATTERN.length() - 1)
            + "/[A-Za-z0-9_.-]*[A-Za-z0-9_-][A-Za-z0-9_.-]*$";
    private static final Pattern CREDENTIAL = Pattern.compile(PATTERN);

    /** @throws IllegalArgumentException with a sentence that says what would be right */
    public Credential {
        if (!isValid(name, key)) {
            throw new IllegalArgumentException(
                    "A credential is '" + Printable.text(name + "/" + key) + "': it must be " + WANTED);
        }
    }

    /** Parses {@code name/key}; empty if it has another form. */
    public static Optional<Credential> parse(String text) {
        int slash = text.indexOf('/');
        return slash > 0 && isValid(text.substring(0, slash), text.substring(slash + 1))
                ? Optional.of(new Credential(text.substring(0, slash), text.substring(slash + 1)))
                : Optional.empty();
    }

    private static boolean isValid(String name, String key) {
        return name.length() <= CertificateName.MAX_LENGTH
                && key.length() <= CertificateName.MAX_LENGTH
                && CREDENTIAL.matcher(name + "/" + key).matches();
    }

    /** {@code name/key}, as the table has it. */
    @Override
    public String toString() {
        return name + "/" + key;
    }
}
