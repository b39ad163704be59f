package link.ambassador.webhook.tls;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate and its private key, on the curve P-256.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5280">RFC 5280</a>
 */
public record TlsKeyPair(X509Certificate certificate, PrivateKey key) {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int SERIAL_BITS = 127;

    /** A self-signed certificate authority that signs leaves only. */
    static TlsKeyPair authority(Instant now, CertificateTimes times) {
        KeyPair pair = pair();
        // Each has its own name: only key identifiers distinguish two authorities of one name, and not every client
        // reads those.
        X500Principal name = new X500Principal(
                "CN=ambassador-webhook-ca-" + Long.toHexString(RANDOM.nextLong()) + ",O=ambassador.link");
        try {
            X509v3CertificateBuilder builder = builder(name, name, now, now.plus(times.authority()), times, pair)
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            return signed(builder, pair, pair.getPrivate());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A server's certificate, signed by this authority. It expires with the authority if that is sooner.
     *
     * @param names DNS names and IP addresses that it is for; at least one
     */
    TlsKeyPair leaf(Set<String> names, Instant now, CertificateTimes times) {
        KeyPair pair = pair();
        Instant end = now.plus(times.leaf());
        Instant authorityEnd = certificate.getNotAfter().toInstant();
        // A common name has at most 64 characters, and clients do not read it: the names are in the extension.
        X500Principal name = new X500Principal("CN=ambassador-webhook,O=ambassador.link");
        GeneralName[] alternatives =
                names.stream().sorted().map(TlsKeyPair::alternative).toArray(GeneralName[]::new);
        try {
            X509v3CertificateBuilder builder = builder(
                            certificate.getSubjectX500Principal(),
                            name,
                            now,
                            end.isBefore(authorityEnd) ? end : authorityEnd,
                            times,
                            pair)
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                    .addExtension(
                            Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
                    .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(alternatives));
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    extensions().createAuthorityKeyIdentifier(certificate.getPublicKey()));
            return signed(builder, pair, key);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static GeneralName alternative(String name) {
        boolean address = name.contains(":") || name.matches("[0-9.]+");
        return new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, name);
    }

    private static X509v3CertificateBuilder builder(
            X500Principal issuer, X500Principal subject, Instant now, Instant end, CertificateTimes times, KeyPair pair)
            throws IOException {
        return new JcaX509v3CertificateBuilder(
                        issuer,
                        new BigInteger(SERIAL_BITS, RANDOM).add(BigInteger.ONE),
                        Date.from(now.minus(times.backdated())),
                        Date.from(end),
                        subject,
                        pair.getPublic())
                .addExtension(
                        Extension.subjectKeyIdentifier,
                        false,
                        extensions().createSubjectKeyIdentifier(pair.getPublic()));
    }

    private static TlsKeyPair signed(X509v3CertificateBuilder builder, KeyPair pair, PrivateKey by) {
        try {
            X509Certificate certificate = new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(by)));
            return new TlsKeyPair(certificate, pair.getPrivate());
        } catch (OperatorCreationException | GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform signs by ECDSA with P-256", e);
        }
    }

    private static KeyPair pair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has the curve P-256", e);
        }
    }

    private static JcaX509ExtensionUtils extensions() {
        try {
            return new JcaX509ExtensionUtils();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has SHA-1 for key identifiers", e);
        }
    }

    /** Whether the private key belongs to the certificate. */
    boolean fits() {
        return new ServerCertificate(List.of(certificate), key).fits();
    }
}
