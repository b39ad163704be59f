package link.ambassador.webhook.serving;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Consumer;
import link.ambassador.model.CaBundles;
import link.ambassador.model.NamespaceServices;
import link.ambassador.model.SidecarAmbassadors;
import link.ambassador.webhook.tls.CertificateRotation;
import link.ambassador.webhook.tls.CertificateSource;
import link.ambassador.webhook.tls.CertificateTimes;
import link.ambassador.webhook.tls.ClientAuthority;
import link.ambassador.webhook.tls.GivenCertificate;
import link.ambassador.webhook.tls.ServerCertificate;

/** The whole webhook of one replica: its certificates, its server, and what answers the reviews. */
final class Webhook {
    /** The API server waits a second for an answer; the rest of that is for the network and a busy machine. */
    private static final Duration LIST_DEADLINE = Duration.ofMillis(500);

    private final Admission admission;
    private final AdmissionServer server;
    private final CertificateSource certificates;
    private final Caches caches;
    private final FirstReview firstReview;
    private volatile boolean rehearsed;

    /**
     * What the webhook reads of a cluster.
     *
     * @param limits started and stopped by the webhook; others start and stop the rest
     */
    record Caches(
            SidecarAmbassadors ambassadors, NamespaceServices services, NamespaceLimits limits, CaBundles bundles) {}

    /**
     * A webhook that does nothing before {@link #start}.
     *
     * @param times of the certificates that it makes, if none is given
     */
    Webhook(
            Vertx vertx,
            KubernetesClient kubernetes,
            MeterRegistry registry,
            WebhookSettings settings,
            Caches caches,
            CertificateRotation.Place place,
            CertificateTimes times) {
        InjectionMeters meters = new InjectionMeters(registry);
        this.caches = caches;
        this.firstReview = new FirstReview(kubernetes.getKubernetesSerialization(), settings.relayImage());
        this.admission = new Admission(
                vertx,
                settings,
                caches.ambassadors(),
                new LiveAmbassadors(kubernetes, caches.bundles(), LIST_DEADLINE),
                caches.limits()::of,
                caches.services(),
                meters);
        this.server = new AdmissionServer(
                vertx, settings.port(), settings.clientAuthority().map(Webhook::clients), meters, admission::answer);
        Consumer<ServerCertificate> serve = certificate -> serve(certificate, meters);
        this.certificates = settings.certificate()
                .<CertificateSource>map(
                        folder -> new GivenCertificate(folder, place.names(), GivenCertificate.READ_AGAIN, serve))
                .orElseGet(() -> new CertificateRotation(kubernetes, place, times, Clock.systemUTC(), serve));
    }

    private static ClientAuthority clients(Path file) {
        try {
            return new ClientAuthority(file);
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(file + " could be read a moment ago", e);
        }
    }

    private void serve(ServerCertificate certificate, InjectionMeters meters) {
        server.serve(certificate);
        meters.certificate(certificate.end());
        if (!rehearsed) {
            firstReview.rehearse(server.actualPort());
            rehearsed = true;
        }
    }

    /** Starts the parts, and does not wait for them. */
    void start() {
        caches.limits().start();
        certificates.start();
    }

    /** Whether pods that are created now get their relays. */
    boolean isReady() {
        return server.isListening()
                && rehearsed
                && caches.ambassadors().isSynced()
                && caches.limits().isSynced();
    }

    int port() {
        return server.actualPort();
    }

    Future<Void> stop() {
        certificates.stop();
        caches.limits().stop();
        return server.close().onComplete(closed -> admission.close());
    }
}
