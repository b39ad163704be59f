package link.ambassador.webhook.serving;

import static link.ambassador.webhook.serving.WebhookFixture.isInjected;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import link.ambassador.config.Annotations;
import link.ambassador.config.Labels;
import link.ambassador.kubernetes.ApiServer;
import link.ambassador.webhook.LargePod;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Pods of a namespace that others fill, or whose quota is nearly used up, on a real API server. */
@ExtendWith(ApiServer.class)
class CrowdedAdmissionIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Map<String, String> REQUIRING = Map.of(Labels.INJECT, "required");

    private KubernetesClient kubernetes;
    private WebhookFixture scene;

    @BeforeEach
    void scene(KubernetesClient client) throws Exception {
        kubernetes = client;
        scene = new WebhookFixture(client);
        scene.serving();
    }

    @AfterEach
    void close() {
        scene.close();
    }

    /**
     * Each of them is answered within the 10 s that the API server waits: else it is refused. What each took is printed; what the
     * API server takes by itself meanwhile is the first line.
     */
    @Test
    void othersPodsAreAdmittedWhileHugeOnesAreCreated() throws Exception {
        scene.ambassador("redis", "web");
        await().atMost(SOON).until(() -> isInjected(scene.dryRun(Map.of("app", "web"))));
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger large = new AtomicInteger();
        ExecutorService mallory = Executors.newFixedThreadPool(4);
        try {
            for (LargePod kind : LargePod.values()) {
                String pod = kind.of(10_000).toString();
                mallory.execute(() -> {
                    while (!over.get()) {
                        dryRunOf(pod);
                        large.incrementAndGet();
                    }
                });
            }
            Map<String, List<Duration>> took = new LinkedHashMap<>();
            for (int i = 0; i < 50 || large.get() < LargePod.values().length; i++) {
                measure(took, "nobody is asked about", Map.of(Labels.INJECT, "false"), false);
                measure(took, "an Ambassador selects", Map.of("app", "web"), true);
                measure(took, "require a relay, for which the API server is asked again", REQUIRING, true);
            }
            took.forEach((which, all) -> System.out.printf(
                    "beside %d pods of ten thousand of anything, those that %s took %s%n",
                    large.get(), which, shown(all)));
        } finally {
            over.set(true);
            mallory.shutdownNow();
        }
    }

    private void measure(Map<String, List<Duration>> took, String which, Map<String, String> labels, boolean injected) {
        long begin = System.nanoTime();
        Pod pod = scene.dryRun(labels);
        took.computeIfAbsent(which, first -> new ArrayList<>()).add(Duration.ofNanos(System.nanoTime() - begin));
        assertThat(isInjected(pod)).isEqualTo(injected);
    }

    private static String shown(List<Duration> all) {
        List<Duration> sorted = all.stream().sorted().toList();
        return "median %d ms, slowest %d ms"
                .formatted(
                        sorted.get(sorted.size() / 2).toMillis(),
                        sorted.get(sorted.size() - 1).toMillis());
    }

    private void dryRunOf(String pod) {
        try {
            kubernetes.resource(pod).inNamespace(scene.namespace()).dryRun().create();
        } catch (KubernetesClientException invalid) {
            // Admission comes before validation: nothing needs to be valid.
        }
    }

    @Test
    void aPodWithoutResourcesIsNotConcernedByAQuotaBecauseOfItsRelay() {
        demand(
                """
                apiVersion: v1
                kind: ResourceQuota
                metadata: {name: paying}
                spec:
                  hard: {requests.cpu: "4", requests.memory: 8Gi, limits.cpu: "8", limits.memory: 16Gi}
                  scopes: [NotBestEffort]
                """);

        Pod pod = awaitedWith("");

        assertThat(pod.getStatus().getQosClass()).isEqualTo("BestEffort");
    }

    @Test
    void aPodHasItsRelayWithinWhatALimitRangeOfPodsLeaves() {
        demand(
                """
                apiVersion: v1
                kind: LimitRange
                metadata: {name: pods}
                spec: {limits: [{type: Pod, max: {cpu: "1", memory: 512Mi}}]}
                """);

        Pod pod = awaitedWith("resources: {limits: {cpu: 700m, memory: 384Mi}, requests: {cpu: 100m, memory: 64Mi}}");

        assertThat(pod.getSpec()
                        .getInitContainers()
                        .get(0)
                        .getResources()
                        .getLimits()
                        .get("memory"))
                .hasToString("128Mi");
    }

    @Test
    void whereNothingIsLeftThePodGoesWithoutARelayAndSaysWhy() {
        demand(
                """
                apiVersion: v1
                kind: LimitRange
                metadata: {name: pods}
                spec: {limits: [{type: Pod, max: {cpu: "1", memory: 512Mi}}]}
                """);

        await().atMost(SOON).untilAsserted(() -> {
            Pod pod = dryRun("resources: {limits: {cpu: 700m, memory: 500Mi}, requests: {cpu: 100m, memory: 64Mi}}");
            assertThat(isInjected(pod)).isFalse();
            assertThat(pod.getMetadata().getAnnotations()).containsEntry(Annotations.INJECTION_REASON, "NoRoom");
        });
    }

    @Test
    void aGuaranteedPodStaysGuaranteed() {
        Pod pod = awaitedWith("resources: {limits: {cpu: 300m, memory: 256Mi}}");

        assertThat(pod.getStatus().getQosClass()).isEqualTo("Guaranteed");
    }

    private void demand(String demand) {
        Class<? extends HasMetadata> kind =
                demand.contains("kind: LimitRange") ? LimitRange.class : ResourceQuota.class;
        HasMetadata created = kubernetes
                .resource(Serialization.unmarshal(demand, kind))
                .inNamespace(scene.namespace())
                .create();
        if (created instanceof ResourceQuota quota) {
            // As its controller would, which does not run here.
            quota.setStatus(Serialization.unmarshal(
                    """
                    hard: {requests.cpu: "4", requests.memory: 8Gi, limits.cpu: "8", limits.memory: 16Gi}
                    used: {requests.cpu: "0", requests.memory: "0", limits.cpu: "0", limits.memory: "0"}
                    """,
                    ResourceQuotaStatus.class));
            kubernetes.resource(quota).updateStatus();
        }
    }

    /** With its relay, when the webhook knows what the namespace demands. */
    private Pod awaitedWith(String container) {
        await().atMost(SOON)
                .untilAsserted(() -> assertThatCode(() -> dryRun(container)).doesNotThrowAnyException());
        Pod pod = dryRun(container);
        assertThat(isInjected(pod)).isTrue();
        return pod;
    }

    private Pod dryRun(String container) {
        Pod pod = Serialization.unmarshal(
                """
                apiVersion: v1
                kind: Pod
                metadata: {generateName: web-, labels: {ambassador.link/inject: required}}
                spec:
                  containers:
                  - name: app
                    image: example.com/app
                    %s
                """
                        .formatted(container),
                Pod.class);
        return kubernetes.resource(pod).inNamespace(scene.namespace()).dryRun().create();
    }
}
