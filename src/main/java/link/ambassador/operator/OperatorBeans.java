package link.ambassador.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.monitoring.micrometer.MicrometerMetrics;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.prometheus.client.CollectorRegistry;
import io.vertx.ext.web.Router;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import link.ambassador.config.Version;
import link.ambassador.operator.sidecar.AmbassadorCache;
import link.ambassador.operator.sidecar.ServiceCache;
import link.ambassador.operator.topology.TopologyRoutes;
import link.ambassador.operator.trust.CaBundleCache;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;

/** What CDI injects into the operator and the webhook. */
@Singleton
class OperatorBeans {
    /** The operator's settings, from the environment, or from a test's configuration under the same names. */
    @Produces
    @Singleton
    OperatorSettings settings(Config config) {
        // A variable that the kubelet adds for a Service may have a setting's name; the other variables tell them
        // apart.
        Map<String, String> variables = new HashMap<>(System.getenv());
        for (String variable : OperatorSettings.VARIABLES) {
            config.getOptionalValue(variable, String.class).ifPresent(value -> variables.put(variable, value));
        }
        return OperatorSettings.read(variables);
    }

    /** The client of the API server as Quarkus would make it, with {@link RetryAfter} and {@link InterruptedWatches}. */
    @Produces
    @ApplicationScoped
    KubernetesClient kubernetes(
            KubernetesSerialization serialization, io.fabric8.kubernetes.client.Config configuration) {
        return new KubernetesClientBuilder()
                .withKubernetesSerialization(serialization)
                .withConfig(configuration)
                .withHttpClientBuilderConsumer(http -> {
                    RetryAfter.on(http);
                    InterruptedWatches.on(http);
                })
                .build();
    }

    void close(@Disposes KubernetesClient kubernetes) {
        kubernetes.close();
    }

    @Produces
    @Singleton
    AmbassadorCache ambassadors(KubernetesClient kubernetes, OperatorSettings settings, CaBundleCache bundles) {
        return new AmbassadorCache(kubernetes, settings.namespaces(), bundles);
    }

    @Produces
    @Singleton
    CaBundleCache bundles(KubernetesClient kubernetes) {
        return new CaBundleCache(kubernetes);
    }

    @Produces
    @Singleton
    ServiceCache services(KubernetesClient kubernetes, OperatorSettings settings) {
        return new ServiceCache(kubernetes, settings.namespaces());
    }

    /** The Operator SDK's own meters, without a time series for each resource, which is the SDK's default. */
    @Produces
    @Singleton
    Metrics metrics(MeterRegistry meters) {
        return MicrometerMetrics.withoutPerResourceMetrics(meters);
    }

    @Produces
    @Singleton
    StallWatch stalls(MeterRegistry meters) {
        return new StallWatch(StallWatch.Limits.DEFAULT, System::nanoTime, meters);
    }

    /** Of the process, and so registered once: a second reconciler, which CDI makes for a call that comes after its end, would warn. */
    @Produces
    @Singleton
    MeterBinder droppedLogLines() {
        return registry -> FunctionCounter.builder(
                        "ambassador.log.dropped", OperatorLog.class, log -> OperatorLog.droppedTotal())
                .description("Log lines dropped because the log was not read in time")
                .register(registry);
    }

    /** Whether the caches are filled: before that, a leader would not know which pods there are. */
    @Produces
    @Readiness
    @Singleton
    HealthCheck caches(OperatorApplication application) {
        return () -> HealthCheckResponse.named("caches")
                .status(application.isStarted())
                .build();
    }

    @Produces
    @Liveness
    @Singleton
    HealthCheck stalled(StallWatch stalls) {
        return () -> {
            List<String> dead = stalls.dead();
            return HealthCheckResponse.named("stalls")
                    .status(dead.isEmpty())
                    .withData("dead", String.join(", ", dead))
                    .build();
        };
    }

    /** The page at the admin port. */
    void page(@Observes Router router, AmbassadorReconciler reconciler, Leadership leadership) {
        new TopologyRoutes(new TopologyRoutes.Sources(
                        reconciler::known,
                        reconciler::known,
                        reconciler::retargets,
                        reconciler.topology(),
                        leadership::leads,
                        Version.read(),
                        Clock.systemUTC()))
                .addTo(router);
    }

    /** One for the meters of Micrometer and for {@link link.ambassador.operator.status.StatusMetrics}: by default each gets its own. */
    @Produces
    @Singleton
    CollectorRegistry collectors() {
        return new CollectorRegistry(true);
    }
}
