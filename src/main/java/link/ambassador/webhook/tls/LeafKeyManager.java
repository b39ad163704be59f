package link.ambassador.webhook.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * Gives a server its certificate, which may be replaced at any moment: each handshake uses the certificate of its beginning, and no
 * handshake is refused meanwhile. (Vert.x' own {@code updateSSLOptions} closes connections that arrive during an update.) Callable from
 * any thread.
 */
public final class LeafKeyManager extends X509ExtendedKeyManager {
    /** @param alias no two have the same */
    private record Leaf(String alias, ServerCertificate certificate) {}

    /** @param previous for handshakes that have chosen it and still need its key */
    private record Leaves(Optional<Leaf> current, Optional<Leaf> previous) {}

    private volatile Leaves leaves = new Leaves(Optional.empty(), Optional.empty());
    private int uses;

    /** Gives new handshakes this certificate. */
    public synchronized void use(ServerCertificate certificate) {
        leaves = new Leaves(Optional.of(new Leaf(Integer.toString(++uses), certificate)), leaves.current());
    }

    @Override
    public String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
        return leaves.current()
                .filter(leaf -> leaf.certificate().keyType().equals(keyType))
                .map(Leaf::alias)
                .orElse(null);
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
        return named(alias)
                .map(certificate -> certificate.chain().toArray(X509Certificate[]::new))
                .orElse(null);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return named(alias).map(ServerCertificate::key).orElse(null);
    }

    @Override
    public String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket) {
        return null;
    }

    @Override
    public String[] getClientAliases(String keyType, Principal[] issuers) {
        return null;
    }

    private Optional<ServerCertificate> named(String alias) {
        Leaves now = leaves;
        return Stream.of(now.current(), now.previous())
                .flatMap(Optional::stream)
                .filter(leaf -> leaf.alias().equals(alias))
                .findFirst()
                .map(Leaf::certificate);
    }
}
