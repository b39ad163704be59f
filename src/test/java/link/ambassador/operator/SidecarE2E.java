package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import link.ambassador.ConcurrentTest;
import link.ambassador.operator.ConsumerDeployment.Following;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Sidecars in real pods, as a user and a consumer see them. */
class SidecarE2E {
    /** For figures: {@code -De2e.retargets=200}. */
    private static final int RETARGETS = Integer.getInteger("e2e.retargets", 10);

    /** For figures: {@code -De2e.pods=20}. */
    private static final int PODS = Integer.getInteger("e2e.pods", 3);

    private static final String SIDECAR = "placement: {sidecar: {selector: {matchLabels: {app: web}}}}";
    /** Where a pod without a relay would say nothing but that the machine is busy: the webhook has a second for others. */
    private static final String REQUIRED = "ambassador.link/inject: required";

    private ClusterNamespace shop;
    private ConsumerDeployment web;

    @BeforeEach
    void shop() throws Exception {
        shop = new ClusterNamespace();
        web = new ConsumerDeployment(shop, "web");
    }

    @AfterEach
    void noShop() {
        shop.close();
    }

    @ConcurrentTest
    void anEditMovesAPlainConsumerThatIsNeverRestarted() throws Exception {
        shop.apply("redis-a", SIDECAR);
        web.apply(1, "", REQUIRED);
        web.awaitRollout();
        shop.awaitCondition("Ready");
        shop.awaitCondition("Converged");
        List<String> before = web.identities();

        List<Long> millis = new ArrayList<>();
        try (Following consumer = web.follow(web.pod())) {
            await().atMost(ClusterNamespace.TO_CONVERGE).until(consumer::last, "redis-a"::equals);
            for (int i = 1; i <= RETARGETS; i++) {
                String next = i % 2 == 1 ? "redis-b" : "redis-a";
                shop.apply(next, SIDECAR);
                long applied = System.nanoTime();
                await().pollInterval(1, TimeUnit.MILLISECONDS)
                        .atMost(ClusterNamespace.TO_CONVERGE)
                        .until(consumer::last, next::equals);
                millis.add((System.nanoTime() - applied) / 1_000_000);
                shop.awaitCondition("Converged");
            }
            assertThat(consumer.failures())
                    .as("of %d answers", consumer.answers())
                    .isEmpty();
            System.out.println(figures("e2e.sidecar.retargets", millis, consumer.answers()));
        }

        assertThat(web.identities())
                .as("no pod was replaced, no container restarted")
                .isEqualTo(before);
        assertThat(web.printed(web.pod())).first().isEqualTo("born with tcp://127.0.0.1:6379");
        assertThat(shop.kubectl("get", "amb", "cache").lines().toList().get(1).split(" +"))
                .contains("sidecar", "1/1", "True");
        assertThat(shop.events()).endsWith("RetargetStarted", "Converged");
    }

    @ConcurrentTest
    void aDeploymentThatComesFirstWithTheLabelGetsItsLinksLive() throws Exception {
        web.apply(1, "ambassador.link/aliases: cache", REQUIRED);
        web.awaitRollout();
        shop.apply("redis-a", SIDECAR);
        try (Following consumer = web.follow(web.pod())) {
            await().atMost(ClusterNamespace.TO_CONVERGE).until(consumer::last, "redis-a"::equals);
        }
        shop.awaitCondition("Ready");
    }

    @ConcurrentTest
    void aDeploymentThatComesFirstNeedsTheReportedRestart() throws Exception {
        web.apply(1, "", "");
        web.awaitRollout();
        shop.apply("redis-a", SIDECAR);
        await().atMost(ClusterNamespace.TO_CONVERGE)
                .until(() -> shop.condition("Ready").equals("False RestartNeeded"));
        String command = "kubectl -n " + shop.namespace + " rollout restart deployment/web";
        assertThat(shop.message("Ready")).contains(command);

        shop.kubectl("rollout", "restart", "deployment/web");
        web.awaitRollout();
        shop.awaitCondition("Ready");
        try (Following consumer = web.follow(web.pod())) {
            await().atMost(ClusterNamespace.TO_CONVERGE).until(consumer::last, "redis-a"::equals);
        }
    }

    @ConcurrentTest
    void manyPodsFollowOneEdit() throws Exception {
        shop.apply("redis-a", SIDECAR);
        web.apply(PODS, "", REQUIRED);
        web.awaitRollout();
        shop.awaitCondition("Ready");
        await().atMost(ClusterNamespace.TO_START)
                .until(() -> shop.status().summary().relays(), (PODS + "/" + PODS)::equals);

        shop.apply("redis-b", SIDECAR);
        shop.awaitCondition("Converged");

        var retarget = shop.status().lastRetarget();
        System.out.printf(
                "e2e.sidecar.pods: %d pods acknowledged after %d ms%n",
                PODS,
                Duration.between(
                                java.time.Instant.parse(retarget.startedAt()),
                                java.time.Instant.parse(retarget.convergedAt()))
                        .toMillis());
        for (Pod pod : web.pods()) {
            try (Following consumer = web.follow(pod)) {
                await().atMost(ClusterNamespace.TO_CONVERGE).until(consumer::last, "redis-b"::equals);
            }
        }
    }

    @ConcurrentTest
    void aJobEndsAndItsRelayAfterIt() throws Exception {
        shop.apply("redis-a", "placement: {sidecar: {selector: {matchLabels: {app: batch}}}}");
        shop.kubectl
                .run(
                        """
                        apiVersion: batch/v1
                        kind: Job
                        metadata: {name: batch}
                        spec:
                          template:
                            metadata: {labels: {app: batch, ambassador.link/inject: required}}
                            spec:
                              restartPolicy: Never
                              containers:
                              - name: app
                                image: localhost/amb-redis:test
                                command: [redis-cli, -h, cache, get, who]
                                securityContext:
                                  runAsNonRoot: true
                                  allowPrivilegeEscalation: false
                                  capabilities: {drop: [ALL]}
                                  seccompProfile: {type: RuntimeDefault}
                        """,
                        "apply",
                        "-f",
                        "-")
                .succeeded();
        shop.kubectl("wait", "--for=condition=Complete", "job/batch", "--timeout=90s");
        assertThat(shop.kubectl("logs", "job/batch", "-c", "app")).startsWith("redis-a");
        await().atMost(ClusterNamespace.TO_START)
                .until(
                        () -> new ConsumerDeployment(shop, "batch")
                                .pod()
                                .getStatus()
                                .getPhase(),
                        "Succeeded"::equals);
    }

    @ConcurrentTest
    void aRunningPodIsDebuggedAndItsRelayResizedInPlace() throws Exception {
        shop.apply("redis-a", SIDECAR);
        web.apply(1, "", REQUIRED);
        web.awaitRollout();
        shop.awaitCondition("Converged");
        List<String> before = web.identities();
        String pod = web.pod().getMetadata().getName();
        String[] ask = {"--", "redis-cli", "-h", "cache", "get", "who"};

        // No container is named.
        await().atMost(ClusterNamespace.TO_START).ignoreExceptions().until(() -> shop.kubectl("logs", pod, "--tail=1")
                .contains("redis-a"));
        assertThat(shop.kubectl(with(ask, "exec", pod))).contains("redis-a");
        shop.kubectl(with(
                ask,
                "debug",
                pod,
                "--container=shell",
                "--target=app",
                "--profile=restricted",
                "--image=localhost/amb-redis:test"));
        await().atMost(ClusterNamespace.TO_START)
                .ignoreExceptions()
                .until(() -> shop.kubectl("logs", pod, "--container=shell").contains("redis-a"));

        shop.kubectl(
                "patch",
                "pod",
                pod,
                "--subresource=resize",
                "--patch={\"spec\":{\"initContainers\":[{\"name\":\"ambassador-relay\",\"resources\":{\"requests\":{\"cpu\":\"120m\"}}}]}}");
        await("the kubelet has resized it").atMost(ClusterNamespace.TO_START).until(() -> web.pod()
                .getStatus()
                .getInitContainerStatuses()
                .get(0)
                .getResources()
                .getRequests()
                .get("cpu")
                .toString()
                .equals("120m"));
        try (Following consumer = web.follow(web.pod())) {
            shop.apply("redis-b", SIDECAR);
            await().atMost(ClusterNamespace.TO_CONVERGE).until(consumer::last, "redis-b"::equals);
            assertThat(consumer.failures()).isEmpty();
        }
        assertThat(web.identities()).isEqualTo(before);
    }

    private static String[] with(String[] last, String... first) {
        return Stream.concat(Stream.of(first), Stream.of(last)).toArray(String[]::new);
    }

    @ConcurrentTest
    void openConnectionsAreKeptDrainedOrClosedAsTheResourceSays() throws Exception {
        BareNode node = new BareNode();
        shop.apply("redis-a", SIDECAR);
        web.apply(1, "", REQUIRED);
        web.awaitRollout();
        shop.awaitCondition("Ready");
        shop.awaitCondition("Converged");
        try (PodConnection kept = new PodConnection(node, web.pod())) {
            assertThat(kept.ask()).isEqualTo("redis-a");
            shop.apply("redis-b", SIDECAR, "retarget: {existingConnections: Keep}");
            shop.awaitCondition("Converged");
            assertThat(kept.ask()).as("kept").isEqualTo("redis-a");
        }
        try (PodConnection closed = new PodConnection(node, web.pod())) {
            assertThat(closed.ask()).isEqualTo("redis-b");
            shop.apply("redis-a", SIDECAR, "retarget: {existingConnections: Close}");
            shop.awaitCondition("Converged");
            assertThat(closed.ask()).as("closed").isEqualTo("ENDED");
        }
        try (PodConnection drained = new PodConnection(node, web.pod())) {
            assertThat(drained.ask()).isEqualTo("redis-a");
            shop.apply("redis-b", SIDECAR, "retarget: {existingConnections: Drain}");
            shop.awaitCondition("Converged");
            assertThat(drained.listen()).as("drained").isEqualTo("ENDED");
        }
        try (PodConnection now = new PodConnection(node, web.pod())) {
            assertThat(now.ask()).isEqualTo("redis-b");
        }
    }

    private static String figures(String name, List<Long> millis, int answers) {
        List<Long> sorted = millis.stream().sorted().toList();
        return String.format(
                Locale.ROOT,
                "%s: %d, ms from the end of kubectl apply to the first answer of the new target that its log shows:"
                        + " median %d, p99 %d, max %d; 0 of %d answers failed",
                name,
                sorted.size(),
                sorted.get(sorted.size() / 2),
                sorted.get((int) Math.ceil(sorted.size() * 0.99) - 1),
                sorted.get(sorted.size() - 1),
                answers);
    }
}
