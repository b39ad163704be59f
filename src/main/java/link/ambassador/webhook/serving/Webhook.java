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
import java.util.Set;
import link.ambassador.model.NamespaceServices;
import link.ambassador.model.SidecarAmbassadors;
import link.ambassador.webhook.tls.CertificateRotation;
import link.ambassador.webhook.tls.CertificateTimes;
import link.ambassador.webhook.tls.Certificates;
import link.ambassador.webhook.tls.ClientAuthority;

/** The whole webhook of one replica: its certificates, its server, and what the server asks. */
final class Webhook {
    /** The API server waits a second for an answer; what is left of it is for the way and for a busy machine. */
    private static final Duration ASK_DEADLINE = Duration.ofMillis(500);

    private final Admission admission;
    private final AdmissionServer server;
    private final CertificateRotation rotation;
    private final NamespaceLimits limits;
    private final SidecarAmbassadors known;

    /**
     * Does nothing before {@link #start}.
     *
     * @param limits is started and stopped with it
     * @param names that the API server may call it by
     */
    Webhook(
            Vertx vertx,
            KubernetesClient kubernetes,
            WebhookSettings settings,
            SidecarAmbassadors known,
            NamespaceServices services,
            NamespaceLimits limits,
            MeterRegistry registry,
            CertificateRotation.Place place,
            Set<String> names,
            CertificateTimes times) {
        InjectionMeters meters = new InjectionMeters(registry);
        this.known = known;
        this.limits = limits;
        this.admission = new Admission(
                vertx, settings, known, new LiveAmbassadors(kubernetes, ASK_DEADLINE), limits::of, services, meters);
        this.server = new AdmissionServer(
                vertx, settings.port(), settings.clientAuthority().map(Webhook::clients), meters, admission::answer);
        this.rotation = new CertificateRotation(
                kubernetes, place, names, times, Clock.systemUTC(), certificates -> serve(certificates, meters));
    }

    private static ClientAuthority clients(Path file) {
        try {
            return new ClientAuthority(file);
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(file + " could be read a moment ago", e);
        }
    }

    private void serve(Certificates certificates, InjectionMeters meters) {
        server.serve(certificates);
        meters.certificate(certificates.leafEnd());
    }

    /** Begins to, and does not wait. */
    void start() {
        limits.start();
        rotation.start();
    }

    /** Whether a pod that is created now gets what it should. */
    boolean isReady() {
        return server.isListening() && known.isSynced() && limits.isSynced();
    }

    int port() {
        return server.actualPort();
    }

    Future<Void> stop() {
        rotation.stop();
        limits.stop();
        return server.close().onComplete(closed -> admission.close());
    }
}
