package link.ambassador.operator;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.javaoperatorsdk.operator.Operator;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import link.ambassador.kubernetes.OwnVertx;
import link.ambassador.operator.sidecar.AmbassadorCache;
import link.ambassador.operator.sidecar.ServiceCache;
import link.ambassador.operator.trust.CaBundleCache;
import link.ambassador.webhook.serving.NamespaceLimits;
import org.awaitility.Awaitility;

/**
 * The reconciler inside the test's process, on the Operator SDK but without Quarkus. That saves seconds in each test that restarts
 * it, gives it settings of its own, or reads its requests; a {@code @QuarkusTest} has one application for all of its tests.
 */
final class InProcessOperator implements AutoCloseable {
    private static final String IMAGE = "example.com/ambassador:test";

    private final Vertx vertx = Vertx.vertx();
    private final MeterRegistry meters = new SimpleMeterRegistry();
    private final KubernetesClient kubernetes;
    private final Operator operator;
    private final AmbassadorCache cache;
    private final ServiceCache services;
    private final CaBundleCache bundles;
    private final NamespaceLimits limits;
    private final AmbassadorReconciler reconciler;

    private InProcessOperator(KubernetesClient kubernetes, OperatorSettings settings) {
        this.kubernetes = kubernetes;
        this.operator = new Operator(overridden -> overridden
                .withKubernetesClient(kubernetes)
                .withCloseClientOnStop(false)
                .checkingCRDAndValidateLocalModel(false));
        this.bundles = new CaBundleCache(kubernetes);
        this.cache = new AmbassadorCache(kubernetes, settings.namespaces(), bundles);
        this.limits = new NamespaceLimits(kubernetes, settings.namespaces());
        this.services = new ServiceCache(kubernetes, settings.namespaces());
        this.reconciler = new AmbassadorReconciler(settings, vertx, meters, cache, services, limits, bundles);
        operator.register(reconciler, overridden -> namespaces(settings)
                .ifPresentOrElse(overridden::settingNamespaces, overridden::watchingAllNamespaces));
    }

    /** One for every namespace. Its caches are filled when this returns. */
    static InProcessOperator start(KubernetesClient administrator) {
        return start(administrator.getConfiguration(), Map.of());
    }

    /** One for this namespace alone. */
    static InProcessOperator start(KubernetesClient administrator, GatewayNamespace namespace) {
        return start(administrator.getConfiguration(), Map.of(OperatorSettings.NAMESPACES, namespace.name()));
    }

    /** @param environment its settings, apart from the image of its relays */
    static InProcessOperator start(Config account, Map<String, String> environment) {
        return start(account, environment, new Interceptor() {});
    }

    /** @param interceptor sees every request to the API server */
    static InProcessOperator start(Config account, Map<String, String> environment, Interceptor interceptor) {
        Map<String, String> variables = new HashMap<>(Map.of("AMBASSADOR_RELAY_IMAGE", IMAGE));
        variables.putAll(environment);
        KubernetesClient kubernetes = OwnVertx.client()
                .withConfig(account)
                .withHttpClientBuilderConsumer(http -> intercept(http, interceptor))
                .build();
        InProcessOperator started = new InProcessOperator(kubernetes, OperatorSettings.read(variables));
        started.limits.start();
        Awaitility.await().until(() -> started.limits.known("default").isPresent());
        CompletionStage<Void> ambassadors = started.cache.start();
        started.operator.start();
        ambassadors.toCompletableFuture().join();
        started.reconciler.lead();
        return started;
    }

    /** How many polls relays have answered. */
    int answers() {
        return (int)
                meters.counter("ambassador.relay.polls", "outcome", "answered").count();
    }

    private static void intercept(HttpClient.Builder http, Interceptor interceptor) {
        RetryAfter.on(http);
        http.addOrReplaceInterceptor("test", interceptor);
    }

    private static Optional<Set<String>> namespaces(OperatorSettings settings) {
        return Optional.of(settings.namespaces()).filter(namespaces -> !namespaces.isEmpty());
    }

    @Override
    public void close() {
        reconciler.stop();
        operator.stop();
        cache.stop();
        services.stop();
        bundles.stop();
        limits.stop();
        kubernetes.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
