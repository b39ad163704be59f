package link.ambassador.operator;

import static link.ambassador.operator.GatewayNamespace.SOON;
import static link.ambassador.operator.GatewayNamespace.link;
import static link.ambassador.operator.GatewayNamespace.manifest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import link.ambassador.operator.FakeSidecars.SidecarPod;
import link.ambassador.operator.delivery.PodAnnotations;
import link.ambassador.operator.delivery.PodAnnotations.Outcome;
import link.ambassador.operator.delivery.RelayPod;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a real API server answers to the patch of a pod, and what becomes of it. */
@ExtendWith(GatewayTestExtension.class)
@SuppressWarnings("try") // What runs while a block does.
class PodAnnotationsIT {
    /** All annotations of an object together. */
    private static final int ROOM = 256 * 1024;

    @Test
    void anotherPodOfTheSameNameIsAGonePodAndOneThatIsMissingToo(
            KubernetesClient kubernetes, GatewayNamespace namespace, FakeSidecars pods) throws Exception {
        SidecarPod web = pods.run("web");
        assertThat(patch(kubernetes, pod(namespace, web.name(), "of-the-pod-before"), "x"))
                .isEqualTo(Outcome.GONE);
        assertThat(patch(kubernetes, pod(namespace, "nobody", "u"), "x")).isEqualTo(Outcome.GONE);
    }

    @Test
    void aPodWithFullAnnotationsGetsItsTableWhenThereIsRoom(
            KubernetesClient kubernetes, GatewayNamespace namespace, FakeSidecars pods) {
        try (InProcessOperator operator = InProcessOperator.start(kubernetes)) {
            namespace.applied(sidecar("redis-a"));
            SidecarPod web = pods.run("web");
            namespace.await("redis", "Converged", "Acknowledged");
            fill(kubernetes, namespace, web);

            String longer = "c".repeat(60);
            namespace.apply(sidecar(longer));
            namespace.awaitStatus("redis", status -> status.laggards().stream()
                    .anyMatch(laggard -> laggard.reason().contains("could not be given the table")
                            && laggard.reason().contains("422")
                            && laggard.reason().contains("annotations")));

            web.annotate("example.com/notes", null);
            // No event comes when annotations get smaller: the operator tries again within half a minute.
            await().atMost(SOON.plus(Duration.ofSeconds(30)))
                    .until(() -> web.links().equals(List.of("redis:6379>" + longer)));
            namespace.await("redis", "Converged", "Acknowledged");
            assertThat(namespace.status("redis").laggards()).isEmpty();
        }
    }

    private static void fill(KubernetesClient kubernetes, GatewayNamespace namespace, SidecarPod web) {
        int taken = kubernetes
                .pods()
                .inNamespace(namespace.name())
                .withName(web.name())
                .get()
                .getMetadata()
                .getAnnotations()
                .entrySet()
                .stream()
                .mapToInt(annotation ->
                        annotation.getKey().length() + annotation.getValue().length())
                .sum();
        web.annotate("example.com/notes", "x".repeat(ROOM - taken - "example.com/notes".length() - 20));
    }

    private static Outcome patch(KubernetesClient kubernetes, RelayPod pod, String value) throws Exception {
        Vertx vertx = Vertx.vertx();
        try {
            return new PodAnnotations(vertx, kubernetes, new SimpleMeterRegistry())
                    .refresh(pod, value, 0)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(SOON.toSeconds(), TimeUnit.SECONDS);
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    private static RelayPod pod(GatewayNamespace namespace, String name, String uid) {
        return new RelayPod(namespace.name(), name, uid, Optional.empty(), true, false, true);
    }

    private static String sidecar(String host) {
        return manifest(
                "redis",
                "links: [" + link(6379, host) + "]",
                "placement: {sidecar: {selector: {matchLabels: {app: web}}}}");
    }
}
