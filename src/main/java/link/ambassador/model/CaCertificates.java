package link.ambassador.model;

import java.io.ByteArrayInputStream;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.config.Sha256;
import link.ambassador.config.Trust;

/** Reads the certificates of authorities in a ConfigMap, and nothing else of it: what a table has of it, every relay of the table sees. */
public final class CaCertificates {
    /** As in Gateway API's BackendTLSPolicy. */
    public static final String KEY = "ca.crt";

    /** How many characters of the text are read; certificates may stand between explanations. */
    public static final int MOST_CHARACTERS = 4 * Trust.Bundle.MAX_PEM_LENGTH;

    /** RFC 7468, section 5.1. */
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\\s]*)-----END CERTIFICATE-----");

    private static final String BEGIN = "-----BEGIN CERTIFICATE-----";
    private static final int NAME_BYTES = 8;
    private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

    private CaCertificates() {}

    /**
     * The certificates of a ConfigMap.
     *
     * @param configMap its name, for sentences
     * @param text the value of {@link #KEY}; empty when the ConfigMap has no such key, or does not exist
     */
    public static CaBundle read(String configMap, Optional<String> text) {
        if (text.isEmpty()) {
            return new CaBundle.Unusable(
                    ConditionReason.INVALID_CA_CERTIFICATE_REF,
                    "ConfigMap " + configMap + " does not exist or has no key " + KEY
                            + ": it must have certificates in PEM there.");
        }
        if (text.get().length() > MOST_CHARACTERS) {
            return unusable(
                    configMap,
                    "is too long: at most " + Trust.Bundle.MAX_PEM_LENGTH
                            + " characters of certificates fit into a link table. Name only the authorities that the link needs.");
        }
        if (text.get().contains("PRIVATE KEY-----")) {
            return unusable(
                    configMap,
                    "has a private key, which anyone who can read ConfigMaps can read. Remove it, and make"
                            + " a new one.");
        }
        StringBuilder pem = new StringBuilder();
        Matcher blocks = BLOCK.matcher(text.get());
        int count = 0;
        while (blocks.find()) {
            count++;
            try {
                pem.append(certificate(blocks.group(1)));
            } catch (CertificateException | IllegalArgumentException e) {
                return unusable(configMap, "has a certificate that cannot be read, number " + count + ".");
            }
        }
        if (count == 0 || count != text.get().split(BEGIN, -1).length - 1) {
            return unusable(
                    configMap,
                    count == 0
                            ? "has no certificate in PEM (" + BEGIN + ")."
                            : "has a certificate without its end, or with other text in it.");
        }
        if (pem.length() > Trust.Bundle.MAX_PEM_LENGTH) {
            return unusable(
                    configMap,
                    "has " + pem.length() + " characters of certificates: at most " + Trust.Bundle.MAX_PEM_LENGTH
                            + " fit into a link table. Name only the authorities that the link needs.");
        }
        return new CaBundle.Known(new Trust.Bundle(name(pem.toString()), pem.toString()));
    }

    private static String certificate(String base64) throws CertificateException {
        byte[] der = Base64.getMimeDecoder().decode(base64);
        Certificate certificate =
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        return BEGIN + "\n" + LINES.encodeToString(certificate.getEncoded()) + "\n-----END CERTIFICATE-----\n";
    }

    /** The same for the same certificates, so that links of several Ambassadors share one copy in a pod's table. */
    private static String name(String pem) {
        return Sha256.of(pem, NAME_BYTES);
    }

    private static CaBundle unusable(String configMap, String sentence) {
        return new CaBundle.Unusable(
                ConditionReason.NO_VALID_CA_CERTIFICATE,
                "The key " + KEY + " of ConfigMap " + configMap + " " + sentence);
    }
}
