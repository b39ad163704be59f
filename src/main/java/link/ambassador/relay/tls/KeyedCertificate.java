package link.ambassador.relay.tls;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.X509KeyManager;
import link.ambassador.config.Printable;

/**
 * A certificate chain with its private key, from the files {@code tls.crt} and {@code tls.key} of a directory, in PEM. Keys may be in
 * PKCS #8, PKCS #1 and SEC 1, without a password.
 *
 * @param keys for a handshake
 * @param leaf the first certificate
 */
record KeyedCertificate(KeyManagerFactory keys, X509Certificate leaf) {
    /** Kubernetes has Secrets of at most 1 MiB; a chain with its key has some KiB. */
    private static final int MAX_BYTES = 64 * 1024;

    /** How many times the kubelet may swap the files while they are read. */
    private static final int MAX_SWAPS = 10;

    private static final byte[] PROBE = {1, 2, 3};

    /** What the files contain. Two equal ones are the same certificate. */
    record Pem(Buffer certificate, Buffer key) {}

    /**
     * Reads both files. The kubelet writes the files of a new Secret into a directory of their own, and then lets {@code ..data} lead
     * there (https://pkg.go.dev/k8s.io/kubernetes/pkg/volume/util#AtomicWriter). So both are read in the directory to which it leads:
     * a certificate and the key of another one are never taken for a pair. On a thread that may block.
     *
     * @throws IOException with a sentence
     */
    static Pem read(Path directory) throws IOException {
        Path link = directory.resolve("..data");
        for (int tries = 1; Files.isSymbolicLink(link); tries++) {
            Path version = Files.readSymbolicLink(link);
            try {
                return pair(directory.resolve(version));
            } catch (IOException e) {
                // The kubelet removes the old directory behind the swap.
                if (tries == MAX_SWAPS || version.equals(Files.readSymbolicLink(link))) {
                    throw e;
                }
            }
        }
        return pair(directory);
    }

    private static Pem pair(Path directory) throws IOException {
        return new Pem(read(directory, "tls.crt"), read(directory, "tls.key"));
    }

    private static Buffer read(Path directory, String name) throws IOException {
        Path file = directory.resolve(name);
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + " is not there");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(MAX_BYTES + 1);
            if (content.length > MAX_BYTES) {
                throw new IOException(file + " has more than " + MAX_BYTES + " bytes");
            }
            return Buffer.buffer(content);
        }
    }

    /**
     * Parses them. On a thread that may block.
     *
     * @throws IOException with a sentence
     */
    static KeyedCertificate parse(Vertx vertx, Path directory, Pem files) throws IOException {
        KeyedCertificate parsed;
        try {
            KeyManagerFactory keys = new PemKeyCertOptions()
                    .addCertValue(files.certificate())
                    .addKeyValue(files.key())
                    .getKeyManagerFactory(vertx);
            X509KeyManager manager = (X509KeyManager) keys.getKeyManagers()[0];
            String alias = alias(manager);
            parsed = new KeyedCertificate(keys, manager.getCertificateChain(alias)[0]);
            parsed.requireMatch(manager.getPrivateKey(alias));
        } catch (IOException e) {
            throw new IOException(directory + ": " + e.getMessage(), e);
        } catch (Exception e) {
            throw new IOException(
                    directory
                            + ": tls.crt and tls.key must be a certificate and its private key in PEM, without a password ("
                            + Printable.text(String.valueOf(e.getMessage())) + ")",
                    e);
        }
        return parsed;
    }

    private static String alias(X509KeyManager manager) throws IOException {
        for (String algorithm : new String[] {"EC", "RSA"}) {
            String[] aliases = manager.getServerAliases(algorithm, null);
            if (aliases != null && aliases.length > 0) {
                return aliases[0];
            }
        }
        throw new IOException("the key must be one of RSA or of an elliptic curve");
    }

    private void requireMatch(PrivateKey key) throws GeneralSecurityException, IOException {
        String algorithm = key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(key);
        signature.update(PROBE);
        byte[] signed = signature.sign();
        boolean matches;
        try {
            signature.initVerify(leaf.getPublicKey());
            signature.update(PROBE);
            matches = signature.verify(signed);
        } catch (GeneralSecurityException otherAlgorithm) {
            matches = false;
        }
        if (!matches) {
            throw new IOException("tls.key is not the key of the certificate in tls.crt");
        }
    }

    Instant notBefore() {
        return leaf.getNotBefore().toInstant();
    }

    Instant notAfter() {
        return leaf.getNotAfter().toInstant();
    }
}
