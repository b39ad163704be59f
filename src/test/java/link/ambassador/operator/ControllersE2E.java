package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.RollableScalableResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import link.ambassador.ConcurrentTest;
import link.ambassador.operator.ConsumerDeployment.Following;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What a cluster's own controllers, quotas and tools do to gateways and sidecars. They really run here. */
@SuppressWarnings("try") // What runs while a block does.
class ControllersE2E {
    /** An autoscaler looks each 15 s. */
    private static final Duration TO_SCALE = Duration.ofSeconds(60);

    private ClusterNamespace shop;

    @BeforeEach
    void shop() throws Exception {
        shop = new ClusterNamespace();
    }

    @AfterEach
    void noShop() {
        shop.close();
    }

    @ConcurrentTest
    void aReplacedAmbassadorAdoptsItsGatewayAndNoConnectFails() throws Exception {
        shop.apply("redis-a");
        shop.awaitCondition("Ready");
        List<String> relays = shop.identities();
        try (ServiceLoad consumer = new ServiceLoad(shop.service())) {
            shop.kubectl("delete", "amb/cache", "--cascade=orphan");
            assertThat(shop.relays()).isNotEmpty();
            shop.apply("redis-b");
            await().atMost(ClusterNamespace.TO_CONVERGE).until(consumer::last, "redis-b"::equals);
            assertThat(consumer.failures()).isEmpty();
        }
        assertThat(shop.identities()).isEqualTo(relays);
        goesWithItsAmbassador();
    }

    @ConcurrentTest
    void whatABackupBringsBackIsTakenOver() throws Exception {
        shop.apply("redis-a");
        shop.awaitCondition("Ready");
        List<HasMetadata> backup = gateway();
        goesWithItsAmbassador();

        backup.forEach(this::restore);
        shop.apply("redis-a");

        shop.awaitCondition("Ready");
        assertThat(shop.condition("Accepted")).isEqualTo("True Accepted");
        String owner = uid();
        assertThat(gateway()).allSatisfy(object -> assertThat(owners(object)).containsExactly(owner));
        assertThat(ClusterNamespace.whoAnswers(shop.service())).isEqualTo("redis-a");
        goesWithItsAmbassador();
    }

    @ConcurrentTest
    void aForegroundDeletionEndsAndAForcedReplaceGetsAGateway() throws Exception {
        shop.apply("redis-a");
        shop.awaitCondition("Ready");
        shop.kubectl("delete", "amb/cache", "--cascade=foreground", "--timeout=60s");
        assertThat(shop.relays()).isEmpty();

        shop.apply("redis-a");
        shop.awaitCondition("Ready");
        String before = uid();
        String manifest = shop.kubectl("get", "amb/cache", "-o=yaml");
        shop.kubectl
                .run(manifest, "replace", "--force", "--timeout=60s", "-f", "-")
                .succeeded();

        String now = uid();
        assertThat(now).isNotEqualTo(before);
        await().atMost(ClusterNamespace.TO_START).until(() -> gateway().stream()
                .allMatch(object -> object != null && owners(object).equals(List.of(now))));
        shop.awaitCondition("Ready");
        assertThat(shop.condition("Accepted")).isEqualTo("True Accepted");
    }

    @ConcurrentTest
    void aNodeIsDrainedAsIfThereWereNoRelays() throws Exception {
        shop.apply("redis-a", "placement: {gateway: {replicas: 2}}");
        shop.applyAs("side", "redis-a", "placement: {sidecar: {selector: {matchLabels: {app: web}}}}");
        ConsumerDeployment web = new ConsumerDeployment(shop, "web");
        web.apply(1, "", "ambassador.link/inject: required");
        web.awaitRollout();
        shop.awaitCondition("Ready");

        String node = web.pod().getSpec().getNodeName();
        for (String pods : List.of("app=web", "ambassador.link/gateway=cache")) {
            shop.kubectl("drain", node, "--dry-run=server", "--pod-selector=" + pods);
        }
    }

    @ConcurrentTest
    void replicasAreThoseOfAnAutoscalerWhateverIsEdited() throws Exception {
        shop.apply("redis-a");
        shop.awaitCondition("Ready");
        Queue<Integer> replicas = new ConcurrentLinkedQueue<>();
        try (Watch watch = deployments().watch(new Watcher<>() {
            @Override
            public void eventReceived(Action action, Deployment deployment) {
                replicas.add(deployment.getSpec().getReplicas());
            }

            @Override
            public void onClose(WatcherException cause) {}
        })) {
            shop.kubectl("autoscale", "deployment/cache-ambassador", "--min=2", "--max=3", "--cpu=80%");
            await().atMost(TO_SCALE).until(() -> replicas.contains(2));
            await().atMost(ClusterNamespace.TO_START)
                    .until(() -> shop.status().summary().relays(), "2/2"::equals);
            for (String next : List.of("redis-b", "redis-a", "redis-b")) {
                shop.apply(next);
                shop.awaitCondition("Converged");
            }

            assertThat(replicas.stream().dropWhile(count -> count == 1)).containsOnly(2);
        }
        assertThat(shop.status().summary().relays()).isEqualTo("2/2");
    }

    @ConcurrentTest
    void anAutoscalerOfAnAmbassadorScalesItsGateway() throws Exception {
        shop.apply("redis-a", "placement: {gateway: {replicas: 1}}");
        shop.awaitCondition("Ready");

        shop.kubectl("scale", "amb/cache", "--replicas=2");
        await().atMost(ClusterNamespace.TO_START)
                .until(() -> shop.status().summary().relays(), "2/2"::equals);
        shop.kubectl
                .run(
                        """
                        apiVersion: autoscaling/v2
                        kind: HorizontalPodAutoscaler
                        metadata: {name: cache}
                        spec:
                          scaleTargetRef: {apiVersion: ambassador.link/v1alpha1, kind: Ambassador, name: cache}
                          minReplicas: 3
                          maxReplicas: 4
                          metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]
                        """,
                        "apply",
                        "-f",
                        "-")
                .succeeded();

        await().atMost(TO_SCALE.plus(ClusterNamespace.TO_START))
                .until(() -> shop.status().summary().relays(), "3/3"::equals);
        assertThat(shop.kubectl("get", "amb/cache", "-o=jsonpath={.spec.placement.gateway.replicas}"))
                .isEqualTo("3");
        await().atMost(TO_SCALE)
                .until(() -> shop.kubectl("get", "hpa/cache", "-o=jsonpath={.status.currentReplicas}"), "3"::equals);
    }

    @ConcurrentTest
    void anEditThatAQuotaRefusesIsToldAndWhatWasServedIsServedOn() throws Exception {
        shop.apply("redis-a");
        shop.awaitCondition("Ready");
        quota("services", "3");

        shop.apply("redis-b", "placement: {gateway: {service: {name: another}}}");

        await().atMost(ClusterNamespace.TO_CONVERGE)
                .until(() -> shop.condition("Accepted").equals("False Refused"));
        assertThat(shop.message("Accepted"))
                .contains("The API server rejected the Service another", "exceeded quota: few", "used: services=3");
        assertThat(shop.events()).contains("Refused");
        assertThat(ClusterNamespace.whoAnswers(shop.service())).isEqualTo("redis-a");

        shop.kubectl("delete", "quota/few");
        await().atMost(ClusterNamespace.TO_CONVERGE)
                .until(() -> shop.condition("Accepted").equals("True Accepted"));
        shop.awaitCondition("Converged");
    }

    @ConcurrentTest
    void relaysThatAQuotaKeepsFromBeingCreatedAreToldInItsWords() throws Exception {
        shop.apply("redis-a");
        shop.awaitCondition("Ready");
        quota("pods", "3");

        shop.apply("redis-a", "placement: {gateway: {replicas: 2}}");

        await().atMost(ClusterNamespace.TO_CONVERGE)
                .until(() -> shop.message("Ready").contains("exceeded quota: few")
                        && shop.message("Ready").contains("used: pods=3"));
        assertThat(shop.condition("Ready")).isEqualTo("True RelaysReady");
        assertThat(shop.events()).contains("ReplicaFailure");

        shop.kubectl("delete", "quota/few");
        await().atMost(Duration.ofMinutes(3))
                .until(() -> shop.status().summary().relays(), "2/2"::equals);
        await().atMost(ClusterNamespace.TO_CONVERGE)
                .until(() -> !shop.message("Ready").contains("quota"));
    }

    @ConcurrentTest
    void relaysThatPodSecurityRejectsAreReportedAndTheOldOnesServeOn() throws Exception {
        shop.apply("redis-a");
        shop.awaitCondition("Ready");
        List<String> relays = shop.identities();

        // PodSecurity lets a Deployment pass, and rejects its pods.
        shop.kubectl("patch", "deployment/cache-ambassador", "--patch", hostIpc("true"));
        await().atMost(ClusterNamespace.TO_CONVERGE).until(() -> shop.message("Ready")
                .contains("violates PodSecurity \"restricted:latest\": host namespaces"));
        assertThat(shop.condition("Ready")).isEqualTo("True RelaysReady");

        shop.apply("redis-b");
        shop.awaitCondition("Converged");
        await().atMost(ClusterNamespace.TO_CONVERGE)
                .untilAsserted(() -> assertThat(shop.events()).containsOnlyOnce("ReplicaFailure"));
        assertThat(ClusterNamespace.whoAnswers(shop.service())).isEqualTo("redis-b");
        assertThat(shop.identities()).isEqualTo(relays);

        shop.kubectl("patch", "deployment/cache-ambassador", "--patch", hostIpc("null"));
        await().atMost(ClusterNamespace.TO_CONVERGE)
                .until(() -> !shop.message("Ready").contains("PodSecurity"));
    }

    private static String hostIpc(String value) {
        return "{\"spec\":{\"template\":{\"spec\":{\"hostIPC\":" + value + "}}}}";
    }

    @ConcurrentTest
    void relaysArePulledWithTheSecretsOfTheirServiceAccount() throws Exception {
        shop.kubectl("patch", "serviceaccount/default", "--patch={\"imagePullSecrets\":[{\"name\":\"registry\"}]}");
        shop.apply("redis-a");
        shop.awaitCondition("Ready");

        Pod consumer = shop.dryRun(shop.kubernetes, "required");
        assertThat(consumer.getSpec().getInitContainers()).hasSize(1);
        for (Pod pod : List.of(shop.relays().get(0), consumer)) {
            assertThat(pod.getSpec().getImagePullSecrets())
                    .extracting(LocalObjectReference::getName)
                    .containsExactly("registry");
        }
    }

    @ConcurrentTest
    void aCopyForDebuggingServesOnWithItsLabels() throws Exception {
        shop.apply("redis-a", "placement: {sidecar: {selector: {matchLabels: {app: web}}}}");
        shop.awaitCondition("Accepted");
        shop.kubectl
                .run(
                        """
                        apiVersion: v1
                        kind: Pod
                        metadata: {name: web, labels: {app: web, ambassador.link/inject: required}}
                        spec:
                          terminationGracePeriodSeconds: 1
                          containers:
                          - name: app
                            image: localhost/amb-redis:test
                            command: [sh, -c, 'while :; do redis-cli -h cache get who 2>&1; sleep 0.2; done']
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
        awaitAnswer("web");

        shop.kubectl("debug", "web", "--copy-to=copy", "--keep-labels", "--set-image=app=localhost/amb-redis:test");

        awaitAnswer("copy");
        awaitAnswer("web");
    }

    private void awaitAnswer(String pod) throws IOException, InterruptedException {
        shop.kubectl("wait", "--for=condition=Ready", "pod/" + pod, "--timeout=90s");
        Pod running =
                shop.kubernetes.pods().inNamespace(shop.namespace).withName(pod).get();
        try (Following consumer = new ConsumerDeployment(shop, "web").follow(running)) {
            await(pod).atMost(ClusterNamespace.TO_CONVERGE).until(consumer::last, "redis-a"::equals);
        }
    }

    /** Once the quota's controller has counted, which the API server relies on. */
    private void quota(String resource, String most) throws IOException, InterruptedException {
        shop.kubectl("create", "quota", "few", "--hard=" + resource + "=" + most);
        shop.kubectl(
                "wait",
                "quota/few",
                "--for=jsonpath={.status.used." + resource + "}=" + most,
                "--timeout=" + ClusterNamespace.TO_CONVERGE.toSeconds() + "s");
    }

    private String uid() throws IOException, InterruptedException {
        return shop.kubectl("get", "amb/cache", "-o=jsonpath={.metadata.uid}").strip();
    }

    private static List<String> owners(HasMetadata object) {
        return object.getMetadata().getOwnerReferences().stream()
                .map(OwnerReference::getUid)
                .toList();
    }

    /** Null for what is not there. */
    private List<HasMetadata> gateway() {
        return Arrays.asList(
                get(ConfigMap.class, "cache-ambassador"),
                get(Service.class, "cache"),
                get(Deployment.class, "cache-ambassador"));
    }

    private <T extends HasMetadata> T get(Class<T> type, String name) {
        return shop.kubernetes
                .resources(type)
                .inNamespace(shop.namespace)
                .withName(name)
                .get();
    }

    private RollableScalableResource<Deployment> deployments() {
        return shop.kubernetes.apps().deployments().inNamespace(shop.namespace).withName("cache-ambassador");
    }

    /** As backup tools do it: what a server or an owner gave to the object is not in the backup. */
    private void restore(HasMetadata object) {
        HasMetadata restored = Serialization.clone(object);
        restored.getMetadata().setUid(null);
        restored.getMetadata().setResourceVersion(null);
        restored.getMetadata().setCreationTimestamp(null);
        restored.getMetadata().setManagedFields(null);
        restored.getMetadata().setOwnerReferences(null);
        shop.kubernetes.resource(restored).create();
    }

    /** By the garbage collector, which knows owners alone. */
    private void goesWithItsAmbassador() throws IOException, InterruptedException {
        shop.kubectl("delete", "amb/cache");
        await().atMost(ClusterNamespace.TO_START)
                .until(() -> shop.relays().isEmpty()
                        && get(Service.class, "cache") == null
                        && get(ConfigMap.class, "cache-ambassador") == null
                        && get(Deployment.class, "cache-ambassador") == null);
    }
}
