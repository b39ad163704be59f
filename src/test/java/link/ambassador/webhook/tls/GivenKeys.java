package link.ambassador.webhook.tls;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;

/**
 * A key of any kind with its certificate for 127.0.0.1, signed by itself or by another. As somebody else makes them: not by the code under
 * test.
 */
public record GivenKeys(List<X509Certificate> chain, PrivateKey key) {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Duration DAY = Duration.ofDays(1);

    /**
     * One with a certificate that signs itself.
     *
     * @param kind as Java names it: {@code EC}, {@code RSA} or {@code Ed25519}
     */
    public static GivenKeys of(String kind) throws GeneralSecurityException, IOException, OperatorCreationException {
        KeyPair pair = KeyPairGenerator.getInstance(kind).generateKeyPair();
        return new GivenKeys(List.of(certificate("own", pair, "own", pair.getPrivate())), pair.getPrivate());
    }

    /** One whose chain has an authority. */
    public static GivenKeys signedByAnAuthority()
            throws GeneralSecurityException, IOException, OperatorCreationException {
        KeyPair authority = KeyPairGenerator.getInstance("EC").generateKeyPair();
        KeyPair own = KeyPairGenerator.getInstance("RSA").generateKeyPair();
        return new GivenKeys(
                List.of(
                        certificate("own", own, "authority", authority.getPrivate()),
                        certificate("authority", authority, "authority", authority.getPrivate())),
                own.getPrivate());
    }

    private static X509Certificate certificate(String name, KeyPair pair, String issuer, PrivateKey signer)
            throws GeneralSecurityException, IOException, OperatorCreationException {
        String signature =
                switch (signer.getAlgorithm()) {
                    case "EC" -> "SHA256withECDSA";
                    case "RSA" -> "SHA256withRSA";
                    default -> "Ed25519";
                };
        return new JcaX509CertificateConverter()
                .getCertificate(new JcaX509v3CertificateBuilder(
                                new X500Principal("CN=" + issuer),
                                new BigInteger(100, RANDOM),
                                Date.from(Instant.now().minus(DAY)),
                                Date.from(Instant.now().plus(DAY)),
                                new X500Principal("CN=" + name),
                                pair.getPublic())
                        .addExtension(Extension.basicConstraints, true, new BasicConstraints(true))
                        .addExtension(
                                Extension.subjectAlternativeName,
                                false,
                                new GeneralNames(new GeneralName(GeneralName.iPAddress, "127.0.0.1")))
                        .build(new JcaContentSignerBuilder(signature).build(signer)));
    }

    /** The chain in PEM. */
    public String certificates() {
        return Pem.of(chain);
    }

    /** The key in PKCS #8. */
    public String pkcs8() {
        return Pem.of(key);
    }

    /** The key as OpenSSL wrote it once, and cert-manager does unless it is told: PKCS #1, or the curve and SEC 1. */
    public String traditional() throws IOException {
        PrivateKeyInfo info = PrivateKeyInfo.getInstance(key.getEncoded());
        StringWriter text = new StringWriter();
        try (PemWriter writer = new PemWriter(text)) {
            if (key instanceof ECPrivateKey elliptic) {
                ASN1Encodable curve = info.getPrivateKeyAlgorithm().getParameters();
                writer.writeObject(
                        new PemObject("EC PARAMETERS", curve.toASN1Primitive().getEncoded()));
                writer.writeObject(new PemObject(
                        "EC PRIVATE KEY",
                        new org.bouncycastle.asn1.sec.ECPrivateKey(
                                        elliptic.getParams().getOrder().bitLength(), elliptic.getS(), curve)
                                .getEncoded()));
            } else {
                writer.writeObject(new PemObject(
                        "RSA PRIVATE KEY",
                        info.parsePrivateKey().toASN1Primitive().getEncoded()));
            }
        }
        return text.toString();
    }

    /** Puts both into {@code folder} at once, as the kubelet does with a Secret: by a link to another folder. */
    public static void mount(Path folder, String certificates, String key) throws IOException {
        Path version = Files.createTempDirectory(folder, "..version-");
        Files.writeString(version.resolve("tls.crt"), certificates);
        Files.writeString(version.resolve("tls.key"), key);
        Path link = Files.createSymbolicLink(folder.resolve("..data_tmp"), version.getFileName());
        Files.move(link, folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
        for (String file : List.of("tls.crt", "tls.key")) {
            if (Files.notExists(folder.resolve(file))) {
                Files.createSymbolicLink(folder.resolve(file), Path.of("..data", file));
            }
        }
    }
}
