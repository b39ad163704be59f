package link.ambassador.webhook.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jboss.logging.Logger;

/**
 * Accepts clients that show a certificate which an authority in a file signed. The file may be replaced at any moment, as the kubelet does
 * with a mounted Secret. Callable from any thread; only {@link #read} reads the file.
 */
public final class ClientAuthority extends X509ExtendedTrustManager {
    private static final Logger LOG = Logger.getLogger(ClientAuthority.class);

    private final Path file;
    private byte[] content;
    private volatile X509ExtendedTrustManager trusted;

    /**
     * With the certificates in {@code file}, in PEM.
     *
     * @throws IOException when they cannot be read
     * @throws GeneralSecurityException when they are not certificates
     */
    public ClientAuthority(Path file) throws IOException, GeneralSecurityException {
        this.file = file;
        content = Files.readAllBytes(file);
        trusted = trusting(content);
    }

    /** Reads the file again. The previous certificates stay when it has no valid ones. */
    public synchronized void read() {
        try {
            byte[] now = Files.readAllBytes(file);
            if (!Arrays.equals(now, content)) {
                trusted = trusting(now);
                content = now;
                LOG.infof("reloaded %s: webhook clients need a certificate from it", file);
            }
        } catch (IOException | GeneralSecurityException e) {
            LOG.warnf("cannot read %s, keeping the previous certificates: %s", file, e.getMessage());
        }
    }

    private static X509ExtendedTrustManager trusting(byte[] pem) throws IOException, GeneralSecurityException {
        Collection<? extends Certificate> authorities =
                CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem));
        if (authorities.isEmpty()) {
            throw new CertificateException("there is no certificate in it");
        }
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        for (Certificate authority : authorities) {
            store.setCertificateEntry(Integer.toString(store.size()), authority);
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(store);
        return (X509ExtendedTrustManager) managers.getTrustManagers()[0];
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        trusted.checkClientTrusted(chain, type, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        trusted.checkClientTrusted(chain, type, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
        trusted.checkClientTrusted(chain, type);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        throw new CertificateException("these authorities sign for clients");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        checkServerTrusted(chain, type, (SSLEngine) null);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        checkServerTrusted(chain, type, (SSLEngine) null);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return trusted.getAcceptedIssuers();
    }
}
