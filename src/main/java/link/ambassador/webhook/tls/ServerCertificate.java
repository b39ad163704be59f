package link.ambassador.webhook.tls;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

/**
 * What a server shows in a handshake, and the key that proves it.
 *
 * @param chain the server's own certificate, then those of authorities between it and one that clients trust; never empty
 */
public record ServerCertificate(List<X509Certificate> chain, PrivateKey key) {
    private static final byte[] PROBE = {1, 2, 3};

    public ServerCertificate {
        chain = List.copyOf(chain);
    }

    /** @throws IllegalArgumentException when they cannot be read or do not belong together, with what is wrong */
    static ServerCertificate of(String chain, String key) {
        ServerCertificate read = new ServerCertificate(Pem.certificates(chain), Pem.key(key));
        if (!read.fits()) {
            throw new IllegalArgumentException("a private key that is not its certificate's");
        }
        return read;
    }

    /** When the first of the chain expires. */
    public Instant end() {
        return chain.stream()
                .map(certificate -> certificate.getNotAfter().toInstant())
                .min(Instant::compareTo)
                .orElseThrow();
    }

    /** As a key manager names it: {@code EC}, {@code RSA} or {@code EdDSA}. */
    String keyType() {
        return chain.get(0).getPublicKey().getAlgorithm();
    }

    /** Whether a client that calls this name accepts it. */
    boolean isFor(String name) {
        String anyOfItsDomain = "*" + name.substring(Math.max(0, name.indexOf('.')));
        try {
            Collection<List<?>> alternatives = chain.get(0).getSubjectAlternativeNames();
            return alternatives != null
                    && alternatives.stream()
                            .map(alternative -> String.valueOf(alternative.get(1)))
                            .anyMatch(known -> known.equalsIgnoreCase(name) || known.equalsIgnoreCase(anyOfItsDomain));
        } catch (CertificateParsingException e) {
            return false;
        }
    }

    /** Whether the private key belongs to the first certificate. */
    boolean fits() {
        try {
            Signature signature = Signature.getInstance(signatureAlgorithm());
            signature.initSign(key);
            signature.update(PROBE);
            byte[] signed = signature.sign();
            // By the public key: Java does not verify with a certificate that may sign certificates only.
            signature.initVerify(chain.get(0).getPublicKey());
            signature.update(PROBE);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private String signatureAlgorithm() {
        return switch (keyType()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            default -> keyType();
        };
    }
}
