package link.ambassador.config;

import java.util.regex.Pattern;

/**
 * The name of a certificate with its key: a directory below {@link RelayEnvironment#TLS_DIRECTORY} with the files {@code tls.crt} and
 * {@code tls.key}. It has the form of a Secret's name, because the kubelet brings a Secret there.
 */
final class CertificateName {
    /** What would be right, as the end of a sentence. */
    static final String WANTED =
            "1 to 253 lower-case letters, digits, '-' and '.', with a letter or digit at both ends of each part between dots";

    static final String PATTERN = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$";
    static final int MAX_LENGTH = 253;
    private static final Pattern NAME = Pattern.compile(PATTERN);

    private CertificateName() {}

    static boolean isValid(String name) {
        return name.length() <= MAX_LENGTH && NAME.matcher(name).matches();
    }

    static void require(String name, String what) {
        if (!isValid(name)) {
            throw new IllegalArgumentException(what + " is '" + Printable.text(name) + "': it must be " + WANTED);
        }
    }
}
