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
import link.ambassador.model.DemandsOfNamespaces;
import link.ambassador.model.NamespaceServices;
import link.ambassador.model.SidecarAmbassadors;
import link.ambassador.webhook.tls.CertificateRotation;
import link.ambassador.webhook.tls.CertificateTimes;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** The webhook within Quarkus: from its start to its end on every replica, and a part of its readiness. */
@Singleton
@Readiness
class WebhookApplication implements HealthCheck {
    /** Of the Service, the Secret's beginning, and the MutatingWebhookConfiguration, as kubernetes/install has them. */
    private static final String NAME = "ambassador-webhook";

    private final Webhook webhook;
    private final NamespaceLimits limits;

    WebhookApplication(
            Vertx vertx,
            KubernetesClient kubernetes,
            SidecarAmbassadors known,
            NamespaceServices services,
            MeterRegistry registry,
            Config environment) {
        // With what the kubelet says beside a setting, which tells whether it is one.
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
                settings,
                known,
                services,
                limits,
                registry,
                new CertificateRotation.Place(namespace, NAME + "-tls", NAME),
                Set.of(service),
                CertificateTimes.DEFAULT);
    }

    /** For gateways, which the other half makes. */
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
