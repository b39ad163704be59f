package link.ambassador.operator;

import static link.ambassador.operator.GatewayNamespace.link;
import static link.ambassador.operator.GatewayNamespace.manifest;
import static link.ambassador.operator.GatewayNamespace.redis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import link.ambassador.ConcurrentTest;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.config.Annotations;
import link.ambassador.kubernetes.Kubectl;
import link.ambassador.operator.FakeKubelet.GatewayPod;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Users change a gateway's objects by kubectl: the operator restores its own fields, and leaves the users' fields. */
@ExtendWith({GatewayTestExtension.class, RunningOperator.class})
class DriftIT {
    private static final Duration QUIET = Duration.ofSeconds(3);

    private GatewayNamespace namespace;
    private Kubectl kubectl;

    @BeforeEach
    void gateway(KubernetesClient kubernetes, GatewayNamespace given, @TempDir Path directory)
            throws IOException, InterruptedException {
        namespace = given;
        kubectl = new Kubectl(kubernetes, given.name(), directory);
        namespace.applied(redis("redis", "redis-a"));
    }

    @ConcurrentTest
    void replicasThatTheAmbassadorDoesNotSayAreLeftToWhoeverSetsThem() throws Exception {
        kubectl("scale", "deployment/redis-ambassador", "--replicas=3");
        // As an autoscaler that scales a gateway whose budget comes with the second relay.
        await().atMost(GatewayNamespace.SOON).until(() -> namespace
                .get(PodDisruptionBudget.class, "redis-ambassador")
                .isPresent());
        // An apply of the Deployment itself.
        kubectl("set", "image", "deployment/redis-ambassador", "*=example.com/wrong");
        awaitObject(Deployment.class, "redis-ambassador", found -> container(found)
                .getImage()
                .equals("example.com/ambassador:test"));
        namespace.applied(redis("redis", "redis-b"));

        assertThat(replicas()).isEqualTo(3);
        namespace.awaitStatus("redis", status -> status.summary().relays().equals("0/3"));

        kubectl("scale", "deployment/redis-ambassador", "--replicas=0");
        namespace.await("redis", "Ready", "ScaledToZero");
        await().atMost(GatewayNamespace.SOON).until(() -> namespace
                .get(PodDisruptionBudget.class, "redis-ambassador")
                .isEmpty());
    }

    @ConcurrentTest
    void aNumberOfReplicasThatIsTakenOutOfTheSpecEndsNoRelay() {
        namespace.applied(redis("redis", "redis-a") + "  placement: {gateway: {replicas: 3}}\n");
        assertThat(replicas()).isEqualTo(3);

        namespace.applied(redis("redis", "redis-a"));
        namespace.applied(
                redis("redis", "redis-b") + "  placement: {gateway: {resources: {limits: {memory: 96Mi}}}}\n");
        awaitObject(Deployment.class, "redis-ambassador", found -> container(found)
                .getResources()
                .getLimits()
                .get("memory")
                .equals(Quantity.parse("96Mi")));

        assertThat(replicas()).isEqualTo(3);
    }

    @ConcurrentTest
    void noRelayThatIsAskedForIsReady() {
        namespace.applied(redis("redis", "redis-a") + "  placement: {gateway: {replicas: 0}}\n");
        AmbassadorStatus status = namespace.await("redis", "Ready", "ScaledToZero");

        assertThat(status.summary().relays()).isEqualTo("0/0");
        assertThat(GatewayNamespace.reason(status, "Converged")).isEqualTo("NoRelays");
    }

    @ConcurrentTest
    void whatIsOursIsPutBack() throws Exception {
        namespace.applied(redis("redis", "redis-a") + "  placement: {gateway: {replicas: 1}}\n");
        kubectl("scale", "deployment/redis-ambassador", "--replicas=7");
        awaitObject(
                Deployment.class, "redis-ambassador", found -> found.getSpec().getReplicas() == 1);

        kubectl("set", "image", "deployment/redis-ambassador", "*=example.com/wrong");
        awaitObject(Deployment.class, "redis-ambassador", found -> container(found)
                .getImage()
                .equals("example.com/ambassador:test"));

        kubectl(
                "patch",
                "service/redis",
                "--type=merge",
                "-p",
                "{\"spec\": {\"selector\": {\"ambassador.link/gateway\": \"x\"}}}");
        awaitObject(Service.class, "redis", found -> found.getSpec()
                .getSelector()
                .equals(Map.of("ambassador.link/gateway", "redis")));

        kubectl("label", "--overwrite", "service/redis", "app.kubernetes.io/managed-by=me");
        awaitObject(Service.class, "redis", found -> found.getMetadata()
                .getLabels()
                .get("app.kubernetes.io/managed-by")
                .equals("ambassador-operator"));

        kubectl("patch", "configmap/redis-ambassador", "--type=merge", "-p", "{\"data\": {\"links.json\": \"{}\"}}");
        awaitObject(ConfigMap.class, "redis-ambassador", found -> found.getData()
                .get("links.json")
                .contains("redis-a"));
    }

    @ConcurrentTest
    void aTableThatSomebodyEditedIsPutBackInTheRelaysToo(FakeKubelet kubelet) throws Exception {
        GatewayPod pod = kubelet.run("redis");
        namespace.await("redis", "Converged", "Acknowledged");
        String table = namespace.table("redis");
        edit("{\"revision\":\"mine\",\"links\":[]}");
        awaitTable(table);
        namespace.awaitStatus("redis", status -> status.relays().converged() == 1);
        assertThat(pod.table()).isEqualTo(table);
    }

    @ConcurrentTest
    void aTableEditedUnderItsOwnRevisionIsRestoredInTheRelays(FakeKubelet kubelet) throws Exception {
        GatewayPod pod = kubelet.run("redis");
        namespace.await("redis", "Converged", "Acknowledged");
        String table = namespace.table("redis");
        edit(table.replace("redis-a", "redis-of-mine"));
        awaitTable(table);
        // Its kubelet may have had time to take the other one.
        await().atMost(GatewayNamespace.SOON).until(() -> namespace
                .get(Pod.class, pod.name())
                .orElseThrow()
                .getMetadata()
                .getAnnotations()
                .containsKey(Annotations.REFRESH));
        await().atMost(GatewayNamespace.SOON).until(() -> pod.table().equals(table));
    }

    @ConcurrentTest
    void whatIsDeletedIsMadeAgain() throws Exception {
        namespace.applied(redis("redis", "redis-a") + "  placement: {gateway: {replicas: 2}}\n");
        String table = namespace.table("redis");
        List<HasMetadata> before = namespace.objects("redis");
        assertThat(before).hasSize(4);

        kubectl("delete", "service/redis", "--wait=false");
        kubectl(
                "delete",
                "configmap/redis-ambassador",
                "deployment/redis-ambassador",
                "poddisruptionbudget/redis-ambassador",
                "--wait=false");

        await().atMost(GatewayNamespace.SOON)
                .until(() -> namespace.objects("redis").stream()
                                .filter(object -> before.stream().noneMatch(old -> old.getMetadata()
                                        .getUid()
                                        .equals(object.getMetadata().getUid())))
                                .count()
                        == 4);
        // Links that say the same are the same table, whichever generation it was made of.
        assertThat(namespace.table("redis")).contains("redis-a");
        assertThat(revision(namespace.table("redis"))).isEqualTo(revision(table));
    }

    @ConcurrentTest
    void whatOthersAddStays() throws Exception {
        kubectl("annotate", "service/redis", "example.com/team=blue");
        kubectl("label", "configmap/redis-ambassador", "example.com/team=blue");
        kubectl("rollout", "restart", "deployment/redis-ambassador");
        kubectl("patch", "service/redis", "--type=merge", "-p", "{\"spec\": {\"sessionAffinity\": \"ClientIP\"}}");
        String restarted = restartedAt();
        assertThat(restarted).isNotEmpty();

        // One apply of all objects of the gateway, and some time for more applies, which must not come.
        namespace.applied(manifest(
                "redis",
                "links: [" + link(6379, "redis-a") + ", " + link(6380, "redis-b") + "]",
                "placement: {gateway: {replicas: 2}}"));
        await().during(QUIET).atMost(QUIET.plusSeconds(2)).untilAsserted(() -> {
            Service service = namespace.get(Service.class, "redis").orElseThrow();
            assertThat(service.getMetadata().getAnnotations()).containsEntry("example.com/team", "blue");
            assertThat(service.getSpec().getSessionAffinity()).isEqualTo("ClientIP");
            assertThat(service.getSpec().getPorts())
                    .extracting(ServicePort::getPort)
                    .containsExactly(6379, 6380);
            assertThat(namespace
                            .get(ConfigMap.class, "redis-ambassador")
                            .orElseThrow()
                            .getMetadata()
                            .getLabels())
                    .containsEntry("example.com/team", "blue");
            assertThat(restartedAt()).isEqualTo(restarted);
        });
    }

    @ConcurrentTest
    void whatTheSpecNoLongerSaysGoes() {
        namespace.applied(manifest(
                "redis",
                "links: [" + link(6379, "redis-a") + ", " + link(6380, "redis-b") + "]",
                "placement: {gateway: {replicas: 2, resources: {limits: {cpu: 500m, memory: 96Mi}}}}"));
        Deployment full = namespace.get(Deployment.class, "redis-ambassador").orElseThrow();
        assertThat(container(full).getResources().getLimits()).containsOnlyKeys("cpu", "memory");
        assertThat(namespace.get(PodDisruptionBudget.class, "redis-ambassador")).isPresent();

        namespace.applied(redis("redis", "redis-a") + "  placement: {gateway: {replicas: 1}}\n");
        awaitObject(Service.class, "redis", found -> found.getSpec().getPorts().size() == 1);
        awaitObject(
                Deployment.class,
                "redis-ambassador",
                found -> found.getSpec().getReplicas() == 1
                        && !Objects.requireNonNullElse(
                                        container(found).getResources().getLimits(), Map.<String, Object>of())
                                .containsKey("cpu"));
        await().atMost(GatewayNamespace.SOON).until(() -> namespace
                .get(PodDisruptionBudget.class, "redis-ambassador")
                .isEmpty());
    }

    private void kubectl(String... arguments) throws IOException, InterruptedException {
        kubectl.run("", arguments).succeeded();
    }

    private <T extends HasMetadata> void awaitObject(
            Class<T> type, String name, java.util.function.Predicate<T> wanted) {
        await(type.getSimpleName() + " " + name)
                .atMost(GatewayNamespace.SOON)
                .until(() -> namespace.get(type, name), found -> found.isPresent() && wanted.test(found.get()));
    }

    private int replicas() {
        return namespace
                .get(Deployment.class, "redis-ambassador")
                .orElseThrow()
                .getSpec()
                .getReplicas();
    }

    private String restartedAt() {
        return Objects.requireNonNullElse(
                        namespace
                                .get(Deployment.class, "redis-ambassador")
                                .orElseThrow()
                                .getSpec()
                                .getTemplate()
                                .getMetadata()
                                .getAnnotations(),
                        Map.<String, String>of())
                .getOrDefault("kubectl.kubernetes.io/restartedAt", "");
    }

    private static String revision(String table) {
        return table.replaceFirst("(?s).*\"revision\" *: *\"([^\"]+)\".*", "$1");
    }

    /** Writes a table into the gateway's ConfigMap, as a person would. */
    private void edit(String table) throws Exception {
        String patch = Serialization.asJson(Map.of("data", Map.of("links.json", table)));
        kubectl("patch", "configmap/redis-ambassador", "--type=merge", "-p", patch);
    }

    private void awaitTable(String table) {
        await().atMost(GatewayNamespace.SOON)
                .until(() -> namespace.table("redis").equals(table));
    }

    private static Container container(Deployment deployment) {
        return deployment.getSpec().getTemplate().getSpec().getContainers().get(0);
    }
}
