package link.ambassador.webhook.serving;

import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.config.RelayImage;
import link.ambassador.model.CaBundles;
import link.ambassador.model.NamespaceConstraints;
import link.ambassador.model.SidecarAmbassador;
import link.ambassador.webhook.Injection;
import link.ambassador.webhook.PodNamespace;
import org.jboss.logging.Logger;

/**
 * Does what the first review needs, before the webhook says that it is ready. The API server waits a second for an answer. A JVM that
 * has just started loads a thousand classes for its first TLS handshake and its first patch, and on a busy node that takes longer than
 * a second: the first pods after each start of an operator would have no relay.
 */
final class FirstReview {
    private static final String AMBASSADOR =
            """
            {"apiVersion": "ambassador.link/v1alpha1", "kind": "Ambassador",
             "metadata": {"namespace": "rehearsal", "name": "cache", "uid": "0", "creationTimestamp": "2026-01-01T00:00:00Z"},
             "spec": {"placement": {"sidecar": {"selector": {"matchLabels": {"app": "shop"}}}},
                      "links": [{"alias": "redis", "listen": 6379, "targets": [{"host": "redis.example.com", "port": 6379}]}]}}
            """;

    private static final String REVIEW =
            """
            {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
             "request": {"uid": "0", "namespace": "rehearsal", "kind": {"group": "", "version": "v1", "kind": "Pod"},
              "object": {"apiVersion": "v1", "kind": "Pod",
               "metadata": {"name": "shop", "labels": {"app": "shop"}, "managedFields": []},
               "spec": {"containers": [{"name": "shop", "image": "example.com/shop",
                "env": [{"name": "A", "value": "b"}], "resources": {"limits": {"memory": "64Mi"}}}]}}}}
            """;

    private static final Logger LOG = Logger.getLogger(FirstReview.class);
    private static final String REQUEST = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    private static final Duration LONGEST_READ = Duration.ofSeconds(10);

    private final KubernetesSerialization serialization;
    private final RelayImage relayImage;

    FirstReview(KubernetesSerialization serialization, RelayImage relayImage) {
        this.serialization = serialization;
        this.relayImage = relayImage;
    }

    /**
     * Returns when the webhook is warm.
     *
     * @param port of the webhook, on this host. It gets a request that it refuses, perhaps already in the handshake.
     */
    void rehearse(int port) {
        answer();
        // By a socket of the JDK: a client of Vert.x would complain when the operator ends meanwhile.
        try {
            SSLContext trusting = SSLContext.getInstance("TLS");
            trusting.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
            try (Socket socket = trusting.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
                socket.setSoTimeout((int) LONGEST_READ.toMillis());
                socket.getOutputStream().write(REQUEST.getBytes(StandardCharsets.US_ASCII));
                socket.getInputStream().readAllBytes();
            }
        } catch (IOException | GeneralSecurityException refused) {
            LOG.debugf("the first request to the webhook: %s", refused);
        }
    }

    /** What the API server would get for a pod that an Ambassador selects. */
    byte[] answer() {
        Optional<SidecarAmbassador> ambassador =
                SidecarAmbassador.of(serialization.unmarshal(AMBASSADOR, Ambassador.class), CaBundles.NONE);
        try {
            AdmissionReview review = AdmissionReview.read(REVIEW.getBytes(StandardCharsets.UTF_8));
            PodNamespace namespace = new PodNamespace(
                    review.namespace(), ambassador.stream().toList(), NamespaceConstraints.NONE, service -> Set.of());
            Injection injection = Injection.of(review.pod(), namespace, relayImage);
            return review.allowed(injection.patch(), injection.warnings());
        } catch (BadReview e) {
            throw new IllegalStateException("the review is well-formed", e);
        }
    }
}
