package link.ambassador.operator;

import static link.ambassador.operator.GatewayNamespace.redis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import link.ambassador.operator.FaultyApiServer.Seen;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** An operator whose API server is overloaded, broken, or gone for a while. */
@ExtendWith(GatewayTestExtension.class)
@SuppressWarnings("try") // What runs, or watches, while a block does.
class FaultyApiServerIT {
    @Test
    void anApiServerThatIsOverloadedIsGivenTheTimeItAsksFor(KubernetesClient kubernetes, GatewayNamespace namespace)
            throws IOException {
        try (FaultyApiServer api = FaultyApiServer.before(kubernetes.getConfiguration());
                InProcessOperator operator = InProcessOperator.start(api.config(), Map.of())) {
            api.answer(
                    1,
                    429,
                    Map.of("Retry-After", "3"),
                    request -> request.method().equals(HttpMethod.POST)
                            && request.path().endsWith("/services"));
            namespace.applied(redis("redis", "redis-a"));

            List<Seen> posts = api.seen(HttpMethod.POST, "/services");
            assertThat(posts).extracting(Seen::status).containsExactly(429, 201);
            assertThat(Duration.between(posts.get(0).at(), posts.get(1).at())).isGreaterThan(Duration.ofMillis(2900));
        }
    }

    @Test
    void anApiServerThatFailsNowAndThenDelaysAndLosesNothing(
            KubernetesClient kubernetes, GatewayNamespace namespace, FakeKubelet kubelet) throws IOException {
        try (FaultyApiServer api = FaultyApiServer.before(kubernetes.getConfiguration());
                InProcessOperator operator = InProcessOperator.start(api.config(), Map.of())) {
            for (String path : List.of("/services", "/configmaps", "/deployments", "/status", "/events")) {
                api.answer(
                        2,
                        500,
                        Map.of(),
                        request -> !request.method().equals(HttpMethod.GET)
                                && request.path().endsWith(path));
            }
            namespace.applied(redis("redis", "redis-a"));
            kubelet.run("redis");
            namespace.await("redis", "Converged", "Acknowledged");

            api.answer(
                    3,
                    503,
                    Map.of(),
                    request -> request.method().equals(HttpMethod.PATCH)
                            && request.path().endsWith("/configmaps/redis-ambassador"));
            api.answer(
                    3,
                    500,
                    Map.of(),
                    request -> request.method().equals(HttpMethod.PATCH)
                            && request.path().contains("/pods/"));
            namespace.applied(redis("redis", "redis-b"));
            namespace.await("redis", "Converged", "Acknowledged");
            await().atMost(GatewayNamespace.SOON).untilAsserted(() -> assertThat(namespace.events("redis"))
                    .containsExactly("Converged", "RetargetStarted", "Converged"));
        }
    }

    @Test
    void aControllerThatIsFasterThanTheOperatorIsNoFailure(KubernetesClient kubernetes, GatewayNamespace namespace)
            throws IOException {
        try (Warnings warnings = Warnings.listen();
                FaultyApiServer api = FaultyApiServer.before(kubernetes.getConfiguration());
                InProcessOperator operator = InProcessOperator.start(api.config(), Map.of())) {
            api.answer(
                    3,
                    409,
                    Map.of(),
                    request -> request.method().equals(HttpMethod.PATCH)
                            && request.path().endsWith("/deployments/redis-ambassador"));
            namespace.applied(redis("redis", "redis-a"));
            assertThat(warnings.all()).isEmpty();
            // One is the dry run, before anything is made.
            assertThat(api.seen(HttpMethod.POST, "/deployments")).hasSize(2);
        }
    }

    @Test
    void aCheckThatDidNotEndIsRepeatedByTheNextReconcile(KubernetesClient kubernetes, GatewayNamespace namespace)
            throws IOException {
        try (FaultyApiServer api = FaultyApiServer.before(kubernetes.getConfiguration());
                InProcessOperator operator = InProcessOperator.start(api.config(), Map.of())) {
            api.answer(
                    20,
                    409,
                    Map.of(),
                    request -> request.method().equals(HttpMethod.PATCH)
                            && request.path().endsWith("/deployments/redis-ambassador"));
            namespace.applied(redis("redis", "redis-a"));
        }
    }

    @Test
    void aNamespaceThatIsBeingDeletedIsNoFailure(KubernetesClient kubernetes, GatewayNamespace namespace)
            throws IOException {
        namespace.apply(redis("redis", "redis-a"));
        kubernetes.namespaces().withName(namespace.name()).delete();
        try (Warnings warnings = Warnings.listen();
                FaultyApiServer api = FaultyApiServer.before(kubernetes.getConfiguration());
                InProcessOperator operator =
                        InProcessOperator.start(api.config(), Map.of("AMBASSADOR_NAMESPACES", namespace.name()))) {
            await().atMost(GatewayNamespace.SOON)
                    .until(() -> api.seen(HttpMethod.POST, "/services").size() == 2);
            assertThat(api.seen(HttpMethod.POST, "/services"))
                    .extracting(Seen::status)
                    .containsOnly(403);
            assertThat(warnings.all()).isEmpty();
        }
    }

    @Test
    void whatHappensWhileItsWatchesAreCutIsNotMissed(KubernetesClient kubernetes, GatewayNamespace namespace)
            throws IOException {
        try (FaultyApiServer api = FaultyApiServer.before(kubernetes.getConfiguration());
                InProcessOperator operator = InProcessOperator.start(api.config(), Map.of())) {
            namespace.applied(redis("edited", "redis-a"));
            namespace.applied(redis("robbed", "redis-a"));
            List<String> open = api.watches();
            assertThat(open).isNotEmpty();

            api.answer(Integer.MAX_VALUE, 503, Map.of(), request -> true);
            api.cutWatches();
            await().atMost(GatewayNamespace.SOON).until(() -> api.watches().isEmpty());
            namespace.apply(redis("edited", "redis-b"));
            kubernetes
                    .apps()
                    .deployments()
                    .inNamespace(namespace.name())
                    .withName("robbed-ambassador")
                    .delete();
            kubernetes
                    .services()
                    .inNamespace(namespace.name())
                    .withName("robbed")
                    .delete();
            namespace.apply(redis("made", "redis-a"));
            api.heal();

            await("watches as before").atMost(Duration.ofMinutes(1)).untilAsserted(() -> assertThat(api.watches())
                    .containsExactlyInAnyOrderElementsOf(open));
            namespace.await("made", "Accepted", "Accepted");
            await().atMost(GatewayNamespace.SOON)
                    .until(() -> namespace.table("edited").contains("redis-b"));
            await().atMost(GatewayNamespace.SOON)
                    .until(() ->
                            namespace.get(Deployment.class, "robbed-ambassador").isPresent());
            await().atMost(GatewayNamespace.SOON)
                    .until(() -> namespace.get(Service.class, "robbed").isPresent());
        }
    }
}
