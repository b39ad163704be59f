package link.ambassador.config;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.regex.Pattern;

/** The certificate authorities that a side of a link believes. There is none that believes everybody. */
public sealed interface Trust {
    /** The authorities that the relay's Java runtime brings: the public ones. */
    Trust SYSTEM = new OfRuntime();

    /** The table's word for {@link #SYSTEM}. */
    String SYSTEM_WORD = "System";

    /** The authorities of the relay's Java runtime. */
    record OfRuntime() implements Trust {}

    /**
     * Authorities that a table brings.
     *
     * @param bundles 1 to {@value #MAX_BUNDLES}
     */
    record Bundles(List<Bundle> bundles) implements Trust {
        public static final int MAX_BUNDLES = 4;

        /** @throws IllegalArgumentException with a sentence that says what would be right */
        public Bundles {
            bundles = List.copyOf(bundles);
            if (bundles.isEmpty() || bundles.size() > MAX_BUNDLES) {
                throw new IllegalArgumentException(
                        "trust has " + bundles.size() + " bundles: it must have 1 to " + MAX_BUNDLES);
            }
        }
    }

    /**
     * Certificates of authorities under a name. The links of a table share a bundle by its name.
     *
     * @param pem one or more PEM blocks {@code CERTIFICATE}, and no private key
     */
    record Bundle(String name, String pem) {
        /** How many characters all bundles of a table may have together. */
        public static final int MAX_PEM_LENGTH = 32 * 1024;

        static final String NAME_PATTERN = "^[A-Za-z0-9._-]{1,64}$";
        static final String NAME_WANTED = "1 to 64 letters, digits, '-', '.' and '_'";
        static final String PEM_WANTED = "certificates in PEM (-----BEGIN CERTIFICATE-----), and no private key";
        private static final Pattern NAME = Pattern.compile(NAME_PATTERN);

        /** @throws IllegalArgumentException with a sentence that says what would be right */
        public Bundle {
            if (!isName(name)) {
                throw new IllegalArgumentException(
                        "A bundle's name is '" + Printable.text(name) + "': it must be " + NAME_WANTED);
            }
            if (!isPem(pem)) {
                throw new IllegalArgumentException("Bundle '" + name + "' must be " + PEM_WANTED);
            }
        }

        static boolean isName(String name) {
            return NAME.matcher(name).matches();
        }

        static boolean isPem(String pem) {
            if (pem.length() > MAX_PEM_LENGTH || pem.contains("PRIVATE KEY")) {
                return false;
            }
            try {
                return !CertificateFactory.getInstance("X.509")
                        .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))
                        .isEmpty();
            } catch (CertificateException e) {
                return false;
            }
        }
    }
}
