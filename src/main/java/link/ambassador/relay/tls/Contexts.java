package link.ambassador.relay.tls;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.EnumSet;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import link.ambassador.config.DownstreamTls;
import link.ambassador.config.SubjectAltName;
import link.ambassador.config.TlsVersion;
import link.ambassador.config.Trust;
import link.ambassador.config.UpstreamTls;

/** Makes Netty's contexts from what a link says. On a thread that may block. */
final class Contexts {
    /** Verifies the host name of a server's certificate (RFC 2818), by the JDK. */
    private static final String HOST_NAME = "HTTPS";

    private Contexts() {}

    static SslContext upstream(UpstreamTls tls, KeyedCertificate shown, RelayTls relay) throws Exception {
        SslContextBuilder builder = SslContextBuilder.forClient()
                .sslProvider(relay.provider())
                .protocols(protocols(tls.minVersion(), relay.maxVersion()))
                .trustManager(verifier(tls.trust(), tls.subjectAltNames()))
                .endpointIdentificationAlgorithm(tls.subjectAltNames().isEmpty() ? HOST_NAME : null);
        if (shown != null) {
            builder.keyManager(shown.keys());
        }
        SslContext context = builder.build();
        // A resumed session would not be verified again.
        if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
            sessions.setSessionCacheEnabled(false);
        } else {
            context.sessionContext().setSessionTimeout(1);
            context.sessionContext().setSessionCacheSize(1);
        }
        return context;
    }

    static SslContext downstream(DownstreamTls tls, KeyedCertificate shown, RelayTls relay) throws Exception {
        SslContextBuilder builder = SslContextBuilder.forServer(shown.keys())
                .sslProvider(relay.provider())
                .protocols(protocols(TlsVersion.TLS_1_2, relay.maxVersion()));
        if (tls.clientTrust().isPresent()) {
            builder.clientAuth(ClientAuth.REQUIRE)
                    .trustManager(verifier(tls.clientTrust().get(), tls.clientSubjectAltNames()));
        }
        return builder.build();
    }

    private static List<String> protocols(TlsVersion min, TlsVersion max) {
        if (min.compareTo(max) > 0) {
            throw new IllegalStateException(
                    "the link wants at least TLS " + min.word() + ", and the relay speaks at most " + max.word());
        }
        return EnumSet.range(min, max).stream()
                .map(version -> "TLSv" + version.word())
                .toList();
    }

    private static PeerVerifier verifier(Trust trust, List<SubjectAltName> names)
            throws GeneralSecurityException, IOException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(trust instanceof Trust.Bundles bundles ? store(bundles) : null);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager authorities) {
                return new PeerVerifier(authorities, names);
            }
        }
        throw new GeneralSecurityException("this Java has no trust manager for X.509");
    }

    private static KeyStore store(Trust.Bundles bundles) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        int number = 0;
        for (Trust.Bundle bundle : bundles.bundles()) {
            byte[] pem = bundle.pem().getBytes(StandardCharsets.US_ASCII);
            for (Certificate certificate : factory.generateCertificates(new ByteArrayInputStream(pem))) {
                store.setCertificateEntry(Integer.toString(number++), certificate);
            }
        }
        return store;
    }
}
