package link.ambassador.webhook.serving;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import link.ambassador.model.CaBundles;
import link.ambassador.model.DemandsOfNamespaces;
import link.ambassador.model.NamespaceServices;
import link.ambassador.model.SidecarAmbassadors;
import link.ambassador.webhook.tls.CertificateRotation;
import link.ambassador.webhook.tls.CertificateTimes;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Starts and stops the webhook in Quarkus, on every replica, and reports its readiness. */
@Singleton
@Readiness
class WebhookApplication implements HealthCheck {
    /** The Service and the MutatingWebhookConfiguration in kubernetes/install, and the beginning of the Secret's name. */
    private static final String NAME = "ambassador-webhook";

    private final Webhook webhook;
    private final NamespaceLimits limits;

    WebhookApplication(
            Vertx vertx,
            KubernetesClient kubernetes,
            SidecarAmbassadors ambassadors,
            NamespaceServices services,
            CaBundles bundles,
            MeterRegistry registry,
            Config environment) {
        // A variable that the kubelet adds for a Service may have a setting's name; the other variables tell them
        // apart.
        Map<String, String> variables = new HashMap<>(System.getenv());
        for (String variable : WebhookSettings.VARIABLES) {
            environment.getOptionalValue(variable, String.class).ifPresent(value -> variables.put(variable, value));
        }
        WebhookSettings settings = WebhookSettings.read(variables);
        limits = new NamespaceLimits(kubernetes, settings.namespaces());
        String namespace = Optional.ofNullable(kubernetes.getConfiguration().getNamespace())
                .orElse("default");
        String service = NAME + "." + namespace + ".svc";
        webhook = new Webhook(
                vertx,
                kubernetes,
                registry,
                settings,
                new Webhook.Caches(ambassadors, services, limits, bundles),
                new CertificateRotation.Place(namespace, NAME + "-tls", NAME, Set.of(service)),
                CertificateTimes.DEFAULT);
    }

    /** For the gateways, which the operator creates. */
    @Produces
    @Singleton
    DemandsOfNamespaces demands() {
        return limits;
    }

    void start(@Observes StartupEvent event) {
        webhook.start();
    }

    void stop(@Observes ShutdownEvent event) {
        webhook.stop().toCompletionStage().toCompletableFuture().join();
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("webhook").status(webhook.isReady()).build();
    }
}
