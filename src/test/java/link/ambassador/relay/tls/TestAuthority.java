package link.ambassador.relay.tls;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.security.auth.x500.X500Principal;
import link.ambassador.config.Trust;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;

/** A certificate authority of a test, which signs what the test wants. */
public final class TestAuthority {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final char[] PASSWORD = "test".toCharArray();

    /** A certificate with its key. */
    public record Leaf(X509Certificate certificate, PrivateKey key) {
        /** Writes both as the kubelet does: into a directory of their own, to which a link then leads. */
        public void write(Path directory) {
            try {
                Files.createDirectories(directory);
                Path version = Files.createTempDirectory(directory, "..version");
                Files.writeString(version.resolve("tls.crt"), pem(certificate));
                Files.writeString(version.resolve("tls.key"), pem(new PemObject("PRIVATE KEY", key.getEncoded())));
                Path link = directory.resolve("..data_tmp");
                Files.deleteIfExists(link);
                Files.createSymbolicLink(link, version.getFileName());
                Files.move(link, directory.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
                for (String file : List.of("tls.crt", "tls.key")) {
                    if (!Files.exists(directory.resolve(file))) {
                        Files.deleteIfExists(directory.resolve(file));
                        Files.createSymbolicLink(directory.resolve(file), Path.of("..data", file));
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private final KeyPair pair = pair();
    private final X500Principal name;
    private final X509Certificate certificate;

    public TestAuthority(String commonName) {
        name = new X500Principal("CN=" + commonName);
        certificate = sign(name, pair, Instant.now(), Duration.ofDays(1), true);
    }

    /** Trust in this authority, and in no other. */
    public Trust trust() {
        return new Trust.Bundles(List.of(new Trust.Bundle("ca-" + name.getName().substring(3), pem(certificate))));
    }

    /** A certificate for these DNS names and URIs, valid now. */
    public Leaf leaf(String... names) {
        return leaf(Instant.now(), Duration.ofDays(1), names);
    }

    public Leaf leaf(Instant from, Duration time, String... names) {
        KeyPair own = pair();
        return new Leaf(sign(new X500Principal("CN=leaf"), own, from, time, false, names), own.getPrivate());
    }

    private X509Certificate sign(
            X500Principal subject, KeyPair of, Instant from, Duration time, boolean authority, String... names) {
        try {
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    name,
                    new BigInteger(100, RANDOM),
                    Date.from(from.minus(Duration.ofMinutes(1))),
                    Date.from(from.plus(time)),
                    subject,
                    of.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
            if (names.length > 0) {
                builder.addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(Arrays.stream(names)
                                .map(each -> new GeneralName(
                                        each.contains("://")
                                                ? GeneralName.uniformResourceIdentifier
                                                : GeneralName.dNSName,
                                        each))
                                .toArray(GeneralName[]::new)));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static KeyPair pair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    static String pem(Object part) {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(part);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    /** A JDK's context of a peer that trusts this authority and shows {@code leaf}; null: none. */
    public SSLContext peer(Leaf leaf) {
        try {
            KeyStore authorities = KeyStore.getInstance("PKCS12");
            authorities.load(null, null);
            authorities.setCertificateEntry("ca", certificate);
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(authorities);
            KeyManager[] keys = null;
            if (leaf != null) {
                KeyStore own = KeyStore.getInstance("PKCS12");
                own.load(null, null);
                own.setKeyEntry("leaf", leaf.key(), PASSWORD, new Certificate[] {leaf.certificate()});
                KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
                factory.init(own, PASSWORD);
                keys = factory.getKeyManagers();
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, trust.getTrustManagers(), RANDOM);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new AssertionError(e);
        }
    }
}
