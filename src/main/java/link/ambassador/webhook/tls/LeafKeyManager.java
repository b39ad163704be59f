package link.ambassador.webhook.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * Gives a server its certificate, which may be replaced at any moment: each handshake uses the certificate of its beginning, and no
 * handshake is refused meanwhile. (Vert.x' own {@code updateSSLOptions} closes connections that arrive during an update.) Callable from
 * any thread.
 */
public final class LeafKeyManager extends X509ExtendedKeyManager {
    private static final String KEY_TYPE = "EC";

    /** @param previous for handshakes that have chosen it and still need its key */
    private record Leaves(Optional<KeyedCertificate> current, Optional<KeyedCertificate> previous) {}

    private volatile Leaves leaves = new Leaves(Optional.empty(), Optional.empty());

    /** Gives new handshakes the leaf of {@code certificates}. */
    public synchronized void use(Certificates certificates) {
        leaves = new Leaves(Optional.of(certificates.leaf()), leaves.current());
    }

    @Override
    public String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
        return KEY_TYPE.equals(keyType)
                ? leaves.current().map(LeafKeyManager::alias).orElse(null)
                : null;
    }

    @Override
    public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
        return chooseEngineServerAlias(keyType, issuers, null);
    }

    @Override
    public String[] getServerAliases(String keyType, Principal[] issuers) {
        String alias = chooseEngineServerAlias(keyType, issuers, null);
        return alias == null ? null : new String[] {alias};
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        // Without the authority, which the client has.
        return named(alias)
                .map(leaf -> new X509Certificate[] {leaf.certificate()})
                .orElse(null);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return named(alias).map(KeyedCertificate::key).orElse(null);
    }

    @Override
    public String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket) {
        return null;
    }

    @Override
    public String[] getClientAliases(String keyType, Principal[] issuers) {
        return null;
    }

    private Optional<KeyedCertificate> named(String alias) {
        Leaves now = leaves;
        return now.current().filter(leaf -> alias(leaf).equals(alias)).or(() -> now.previous()
                .filter(leaf -> alias(leaf).equals(alias)));
    }

    private static String alias(KeyedCertificate leaf) {
        return leaf.certificate().getSerialNumber().toString(16);
    }
}
