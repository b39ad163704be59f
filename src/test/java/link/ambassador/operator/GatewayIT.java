package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.kubernetes.ApiServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;

/** Gateways on a real API server, where no kubelet makes a pod of them. */
@ExtendWith(ApiServer.class)
class GatewayIT {
    private static final Duration TO_RECONCILE = Duration.ofSeconds(20);
    private static final Duration SETTLED = Duration.ofSeconds(10);

    private static KubernetesClient kubernetes;
    private static JavaOperator operator;
    private String namespace;

    @BeforeAll
    static void operator(KubernetesClient client) throws Exception {
        kubernetes = client;
        AmbassadorCrd.install(client);
        Config administrator = new ConfigBuilder(client.getConfiguration())
                .withNamespace("default")
                .build();
        operator = JavaOperator.start(administrator, Map.of()).started();
    }

    @AfterAll
    static void noOperator() throws Exception {
        System.out.println(operator);
        operator.close();
    }

    @BeforeEach
    void namespace(TestInfo test) {
        namespace = "gateway-it-" + Long.toString(System.nanoTime(), 36);
        kubernetes
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
    }

    @Test
    void anAmbassadorBecomesAServiceAConfigMapAndADeploymentOfItsOwn() {
        Ambassador redis = apply("redis", "redis-a");
        AmbassadorStatus status = accepted("redis");

        assertThat(objects("redis")).hasSize(3).allSatisfy(object -> assertThat(
                        object.getMetadata().getOwnerReferences())
                .singleElement()
                .satisfies(owner ->
                        assertThat(owner.getUid()).isEqualTo(redis.getMetadata().getUid())));
        assertThat(kubernetes
                        .configMaps()
                        .inNamespace(namespace)
                        .withName("redis-ambassador")
                        .get()
                        .getData()
                        .get("links.json"))
                .contains("redis-a")
                .contains(status.revision());
        assertThat(status.observedGeneration()).isEqualTo(1);
        assertThat(status.summary().target()).isEqualTo("redis-a:6379");
        assertThat(reason(status, "Converged")).isEqualTo("NoRelays");
    }

    @Test
    void whatIsSettledIsNotWrittenAgain() {
        apply("redis", "redis-a");
        accepted("redis");
        Map<String, String> before = versions("redis");
        await().during(SETTLED).atMost(SETTLED.plusSeconds(5)).until(() -> versions("redis")
                .equals(before));
    }

    @Test
    void aServiceOfThatNameThatIsNotOursIsLeftAlone() {
        kubernetes
                .resource(new ServiceBuilder()
                        .withNewMetadata()
                        .withName("redis")
                        .endMetadata()
                        .withNewSpec()
                        .addNewPort()
                        .withPort(1)
                        .endPort()
                        .endSpec()
                        .build())
                .inNamespace(namespace)
                .create();
        apply("redis", "redis-a");
        AmbassadorStatus status = await().atMost(TO_RECONCILE)
                .until(() -> status("redis"), found -> "Conflict".equals(reason(found, "Accepted")));
        assertThat(message(status, "Accepted")).contains("Service redis", "spec.placement.gateway.service.name");
        assertThat(objects("redis")).isEmpty();
        await().atMost(TO_RECONCILE).until(() -> events("redis"), told -> told.contains("Conflict"));
    }

    private Ambassador apply(String name, String... hosts) {
        return kubernetes
                .resource(ambassador(name, hosts))
                .inNamespace(namespace)
                .serverSideApply();
    }

    private static Ambassador ambassador(String name, String... hosts) {
        StringBuilder yaml = new StringBuilder(
                """
                apiVersion: ambassador.link/v1alpha1
                kind: Ambassador
                metadata: {name: %s}
                spec:
                  links:
                  - listen: 6379
                    targets:
                """
                        .formatted(name));
        for (String host : hosts) {
            yaml.append("    - {host: ").append(host).append(", port: 6379}\n");
        }
        return io.fabric8.kubernetes.client.utils.Serialization.unmarshal(yaml.toString(), Ambassador.class);
    }

    private AmbassadorStatus accepted(String name) {
        return await().atMost(TO_RECONCILE)
                .until(() -> status(name), status -> "Accepted".equals(reason(status, "Accepted")));
    }

    private AmbassadorStatus status(String name) {
        return kubernetes
                .resources(Ambassador.class)
                .inNamespace(namespace)
                .withName(name)
                .get()
                .getStatus();
    }

    private static String reason(AmbassadorStatus status, String type) {
        return condition(status, type).map(Condition::getReason).orElse("");
    }

    private static String message(AmbassadorStatus status, String type) {
        return condition(status, type).map(Condition::getMessage).orElse("");
    }

    private static Optional<Condition> condition(AmbassadorStatus status, String type) {
        return status == null
                ? Optional.empty()
                : status.conditions().stream()
                        .filter(condition -> condition.getType().equals(type))
                        .findFirst();
    }

    private List<String> events(String name) {
        return kubernetes.v1().events().inNamespace(namespace).list().getItems().stream()
                .filter(event -> event.getInvolvedObject().getName().equals(name))
                .map(Event::getReason)
                .toList();
    }

    private List<HasMetadata> objects(String name) {
        List<HasMetadata> found = new ArrayList<>();
        String selector = "ambassador.link/gateway=" + name;
        found.addAll(kubernetes
                .services()
                .inNamespace(namespace)
                .withLabelSelector(selector)
                .list()
                .getItems());
        found.addAll(kubernetes
                .configMaps()
                .inNamespace(namespace)
                .withLabelSelector(selector)
                .list()
                .getItems());
        found.addAll(kubernetes
                .apps()
                .deployments()
                .inNamespace(namespace)
                .withLabelSelector(selector)
                .list()
                .getItems());
        found.addAll(kubernetes
                .policy()
                .v1()
                .podDisruptionBudget()
                .inNamespace(namespace)
                .withLabelSelector(selector)
                .list()
                .getItems());
        return found;
    }

    private Map<String, String> versions(String name) {
        Map<String, String> versions = new TreeMap<>();
        objects(name)
                .forEach(object ->
                        versions.put(object.getKind(), object.getMetadata().getResourceVersion()));
        versions.put(
                "Ambassador",
                kubernetes
                        .resources(Ambassador.class)
                        .inNamespace(namespace)
                        .withName(name)
                        .get()
                        .getMetadata()
                        .getResourceVersion());
        return versions;
    }
}
