package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.client.dsl.PodResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import link.ambassador.ConcurrentTest;
import org.junit.jupiter.api.Test;

/** How an app starts next to a relay, and what the relay costs it. */
class SidecarStartE2E {
    /** For figures: {@code -De2e.starts=20}. */
    private static final int STARTS = Integer.getInteger("e2e.starts", 1);

    private static final String LEFT_ALONE = "ambassador.link/inject: \"false\"";
    private static final String REQUIRED = "ambassador.link/inject: required";

    /** A relay is there before its app, so that an app needs no loop around its first connect. */
    @Test
    void theFirstConnectOfAnAppIsServed() throws Exception {
        try (ClusterNamespace shop = new ClusterNamespace()) {
            shop.apply("redis-a", "placement: {sidecar: {selector: {matchLabels: {app: start}}}}");
            injected(shop, pod("probe", REQUIRED, "cache"));
            List<Long> alone = new ArrayList<>();
            List<Long> besideNothing = new ArrayList<>();
            List<Long> besideProbedRelay = new ArrayList<>();
            List<Long> besideRelay = new ArrayList<>();
            // In turn, because a machine is not equally fast all the time.
            for (int i = 0; i < STARTS; i++) {
                alone.add(millisToStart(shop, pod("alone-" + i, LEFT_ALONE, "redis-a")));
                besideNothing.add(millisToStart(shop, besideNothing(pod("nothing-" + i, LEFT_ALONE, "redis-a"))));
                besideProbedRelay.add(millisToStart(shop, probed(shop, pod("probed-" + i, REQUIRED, "cache"))));
                besideRelay.add(millisToStart(shop, pod("relay-" + i, REQUIRED, "cache")));
            }
            System.out.printf(
                    Locale.ROOT,
                    "e2e.sidecar.start: %d pods each, ms from the pod's creation to the app's first line:"
                            + " median %d alone, %d beside a native sidecar that does nothing, %d beside a relay with a startup"
                            + " probe, %d beside a relay%n",
                    STARTS,
                    median(alone),
                    median(besideNothing),
                    median(besideProbedRelay),
                    median(besideRelay));
        }
    }

    /** The relay's JVM waits for the removal of a file, which never comes. */
    @ConcurrentTest
    void aRelayThatNeverStartsHoldsItsAppForAMinuteAndSaysSo() throws Exception {
        try (ClusterNamespace shop = new ClusterNamespace()) {
            shop.apply("redis-a", "placement: {sidecar: {selector: {matchLabels: {app: start}}}}");
            Pod pod = injected(shop, pod("stuck", REQUIRED, "redis-a"));
            relay(pod).getEnv().add(pausedAtStart());

            assertThat(millisToStart(shop, pod)).isBetween(60_000L, 90_000L);

            assertThat(shop.kubectl("logs", "stuck", "-c", "ambassador-relay"))
                    .contains("the relay has not started within 60 s");
        }
    }

    /** Of a pod that is not started again: neither the relay's end nor its restart may be taken for the app's. */
    @ConcurrentTest
    void aRelayThatIsKilledBeforeItStartedFailsNoJob() throws Exception {
        try (ClusterNamespace shop = new ClusterNamespace()) {
            BareNode node = new BareNode();
            shop.apply("redis-a", "placement: {sidecar: {selector: {matchLabels: {app: start}}}}");
            Pod pod = injected(shop, pod("killed", REQUIRED, "cache"));
            relay(pod).getEnv().add(pausedAtStart());
            PodResource created =
                    shop.kubernetes.pods().inNamespace(shop.namespace).withName("killed");
            shop.kubernetes.resource(pod).inNamespace(shop.namespace).create();
            await().atMost(ClusterNamespace.TO_START)
                    .ignoreExceptions()
                    .until(() -> isPaused(node.java(created.get())));
            long first = node.java(created.get());

            node.signal("KILL", first);

            await().atMost(ClusterNamespace.TO_START).ignoreExceptions().until(() -> {
                long next = node.java(created.get());
                return next != first && isPaused(next);
            });
            // The file of the first is still there, and the second writes it again.
            await().atMost(ClusterNamespace.TO_START).ignoreExceptions().until(() -> {
                if (!"Succeeded".equals(created.get().getStatus().getPhase())) {
                    Files.deleteIfExists(paused(node.java(created.get())));
                    return false;
                }
                return true;
            });
            assertThat(created.inContainer("app").getLog()).contains("started", "redis-a");
            assertThat(created.get()
                            .getStatus()
                            .getInitContainerStatuses()
                            .get(0)
                            .getRestartCount())
                    .isOne();
        }
    }

    /** Its JVM waits until this file of the pod is gone. */
    private static EnvVar pausedAtStart() {
        return new EnvVarBuilder()
                .withName("JDK_JAVA_OPTIONS")
                .withValue("-XX:+UnlockDiagnosticVMOptions -XX:+PauseAtStartup -XX:PauseAtStartupFile=/dev/shm/paused")
                .build();
    }

    private static Path paused(long process) {
        return Path.of("/proc/" + process + "/root/dev/shm/paused");
    }

    private static boolean isPaused(long process) {
        return Files.exists(paused(process));
    }

    /** As the webhook makes it; not created. */
    private static Pod injected(ClusterNamespace shop, Pod pod) {
        AtomicReference<Pod> injected = new AtomicReference<>();
        // An operator that was installed a moment ago may not be called yet: the pod that requires its relay is
        // refused.
        await().atMost(ClusterNamespace.TO_START)
                .ignoreExceptions()
                .untilAsserted(() -> injected.set(shop.kubernetes
                        .resource(pod)
                        .inNamespace(shop.namespace)
                        .dryRun()
                        .create()));
        // What the API server gives to one pod alone.
        pod.setSpec(injected.get().getSpec());
        pod.getSpec().setNodeName(null);
        return pod;
    }

    private static Container relay(Pod pod) {
        return pod.getSpec().getInitContainers().get(0);
    }

    /** As operators before the hook made it. */
    private static Pod probed(ClusterNamespace shop, Pod pod) {
        Pod probed = injected(shop, pod);
        relay(probed).setLifecycle(null);
        relay(probed)
                .setStartupProbe(new ProbeBuilder()
                        .withNewHttpGet()
                        .withPath("/startz")
                        .withNewPort(15990)
                        .endHttpGet()
                        .withPeriodSeconds(1)
                        .withTimeoutSeconds(5)
                        .withFailureThreshold(600)
                        .build());
        return probed;
    }

    private static long millisToStart(ClusterNamespace shop, Pod pod) {
        PodResource created = shop.kubernetes
                .pods()
                .inNamespace(shop.namespace)
                .withName(pod.getMetadata().getName());
        long before = System.currentTimeMillis();
        shop.kubernetes.resource(pod).inNamespace(shop.namespace).create();
        await().atMost(ClusterNamespace.TO_START.plusMinutes(1))
                .until(() -> "Succeeded".equals(created.get().getStatus().getPhase()));
        // Each line of a log begins with the moment it was written at.
        List<String> words =
                List.of(created.inContainer("app").usingTimestamps().getLog().split("\\s+", -1));
        assertThat(words).containsSubsequence("started", "redis-a");
        return Instant.parse(words.get(0)).toEpochMilli() - before;
    }

    /** Says when it starts, and asks Redis once. */
    private static Pod pod(String name, String label, String redis) {
        return Serialization.unmarshal(
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s, labels: {app: start, %s}}
                spec:
                  restartPolicy: Never
                  terminationGracePeriodSeconds: 1
                  containers:
                  - name: app
                    image: localhost/amb-redis:test
                    command: [sh, -c, 'echo started; redis-cli -h %s get who']
                    securityContext:
                      runAsNonRoot: true
                      allowPrivilegeEscalation: false
                      capabilities: {drop: [ALL]}
                      seccompProfile: {type: RuntimeDefault}
                """
                        .formatted(name, label, redis),
                Pod.class);
    }

    /** What of the cost is the kubelet's, which starts one container after the other. */
    private static Pod besideNothing(Pod pod) {
        Container app = pod.getSpec().getContainers().get(0);
        return new PodBuilder(pod)
                .editSpec()
                .addNewInitContainerLike(app)
                .withName("nothing")
                .withRestartPolicy("Always")
                .withCommand("sleep", "infinity")
                .endInitContainer()
                .endSpec()
                .build();
    }

    private static long median(List<Long> millis) {
        return millis.stream().sorted().toList().get(millis.size() / 2);
    }
}
