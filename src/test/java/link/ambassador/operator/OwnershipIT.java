package link.ambassador.operator;

import static link.ambassador.operator.GatewayNamespace.link;
import static link.ambassador.operator.GatewayNamespace.manifest;
import static link.ambassador.operator.GatewayNamespace.message;
import static link.ambassador.operator.GatewayNamespace.redis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import link.ambassador.ConcurrentTest;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names that are taken, given up, or taken from us. */
@ExtendWith(GatewayTestExtension.class)
@SuppressWarnings("try") // What runs, or watches, while a block does.
class OwnershipIT {
    private static final Map<String, String> OTHERS = Map.of(
            "Service", "spec: {ports: [{port: 1}]}",
            "ConfigMap", "data: {mine: yes}",
            "Deployment",
                    "spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}},"
                            + " spec: {containers: [{name: c, image: example.com/other}]}}}",
            "PodDisruptionBudget", "spec: {maxUnavailable: 1, selector: {matchLabels: {a: b}}}");
    private static final Map<String, String> VERSIONS =
            Map.of("Service", "v1", "ConfigMap", "v1", "Deployment", "apps/v1", "PodDisruptionBudget", "policy/v1");

    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

    private static KubernetesClient kubernetes;
    private static InProcessOperator operator;

    @BeforeAll
    static void operator(KubernetesClient administrator) {
        kubernetes = administrator;
        operator = InProcessOperator.start(administrator);
    }

    @AfterAll
    static void noOperator() {
        operator.close();
    }

    @ConcurrentTest
    void anotherServiceNameIsThereBeforeTheOldOneGoes(GatewayNamespace namespace) {
        namespace.applied(redis("redis", "redis-a"));
        List<String> seen = new CopyOnWriteArrayList<>();
        try (Watch watch = services(namespace, seen)) {
            await().atMost(GatewayNamespace.SOON).until(() -> seen.contains("ADDED redis"));
            seen.clear();
            namespace.applied(manifest(
                    "redis",
                    "links: [" + link(6379, "redis-a") + "]",
                    "placement: {gateway: {service: {name: cache}}}"));
            await().atMost(GatewayNamespace.SOON).until(() -> seen.contains("DELETED redis"));
        }
        assertThat(seen).containsSubsequence("ADDED cache", "DELETED redis");
        assertThat(namespace.objects("redis"))
                .filteredOn(Service.class::isInstance)
                .singleElement()
                .satisfies(
                        service -> assertThat(service.getMetadata().getName()).isEqualTo("cache"));
    }

    @ConcurrentTest
    void aNameThatIsTakenLeavesTheOldServiceInPlaceUntilItIsFree(GatewayNamespace namespace) {
        HasMetadata other = create(namespace, "Service", "cache");
        namespace.applied(redis("redis", "redis-a"));
        String moved = manifest(
                "redis", "links: [" + link(6379, "redis-b") + "]", "placement: {gateway: {service: {name: cache}}}");

        namespace.apply(moved);
        AmbassadorStatus conflict = namespace.await("redis", "Accepted", "Conflict");
        assertThat(message(conflict, "Accepted")).contains("Service cache", "spec.placement.gateway.service.name");
        assertThat(namespace.get(Service.class, "redis")).isPresent();
        assertThat(namespace.table("redis")).contains("redis-a");
        assertUntouched(namespace, other);

        kubernetes.resource(other).inNamespace(namespace.name()).delete();
        namespace.applied(moved);
        await().atMost(GatewayNamespace.SOON)
                .until(() -> namespace.get(Service.class, "redis").isEmpty());
        assertThat(namespace.get(Service.class, "cache")).isPresent();
        assertThat(namespace.table("redis")).contains("redis-b");
        assertThat(namespace.events("redis")).containsOnlyOnce("Conflict");
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @ValueSource(strings = {"Service", "ConfigMap", "Deployment", "PodDisruptionBudget"})
    void whatIsNotOursIsLeftAloneAndNothingIsMadeBesideIt(String kind, GatewayNamespace namespace) {
        String name = kind.equals("Service") ? "redis" : "redis-ambassador";
        HasMetadata other = create(namespace, kind, name);

        namespace.apply(
                manifest("redis", "links: [" + link(6379, "redis-a") + "]", "placement: {gateway: {replicas: 2}}"));
        AmbassadorStatus status = namespace.await("redis", "Accepted", "Conflict");

        assertThat(message(status, "Accepted")).contains(kind + " " + name, "not managed by this Ambassador");
        assertThat(namespace.objects("redis")).isEmpty();
        assertUntouched(namespace, other);

        kubernetes.resource(other).inNamespace(namespace.name()).delete();
        namespace.await("redis", "Accepted", "Accepted");
        assertThat(namespace.objects("redis")).hasSize(4);
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @ValueSource(strings = {"Service", "ConfigMap", "Deployment"})
    void whatTakesOurPlaceLaterIsLeftAlone(String kind, GatewayNamespace namespace) {
        String name = kind.equals("Service") ? "redis" : "redis-ambassador";
        namespace.applied(redis("redis", "redis-a"));
        // Given up by its owner in one step: between a delete and a create the operator would be first.
        kubernetes
                .resources(type(kind))
                .inNamespace(namespace.name())
                .withName(name)
                .edit(object -> {
                    object.getMetadata().setOwnerReferences(List.of());
                    object.getMetadata().setLabels(Map.of("whose", "mine"));
                    return object;
                });
        HasMetadata taken = namespace.get(type(kind), name).orElseThrow();

        namespace.apply(redis("redis", "redis-b"));
        AmbassadorStatus status = namespace.await("redis", "Accepted", "Conflict");

        assertThat(message(status, "Accepted")).contains(kind + " " + name);
        assertUntouched(namespace, taken);
    }

    @ConcurrentTest
    void theServiceOfAnotherAmbassadorIsNotOurs(GatewayNamespace namespace) {
        namespace.applied(manifest(
                "first", "links: [" + link(6379, "redis-a") + "]", "placement: {gateway: {service: {name: redis}}}"));
        String version = namespace.version(Service.class, "redis");

        namespace.apply(redis("redis", "redis-b"));
        AmbassadorStatus status = namespace.await("redis", "Accepted", "Conflict");

        assertThat(message(status, "Accepted")).contains("Service redis");
        assertThat(namespace.version(Service.class, "redis")).isEqualTo(version);
        assertThat(namespace.objects("redis")).isEmpty();
    }

    /** No controller runs here: what Velero leaves out of what it restores, and the garbage collector of what is orphaned. */
    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @ValueSource(booleans = {true, false})
    void whatLostItsOwnerIsTakenOverAndToldOf(boolean withManagedFields, GatewayNamespace namespace) {
        namespace.applied(manifest(
                "redis",
                "links: [" + link(6379, "redis-a") + ", " + link(6380, "redis-a") + "]",
                "placement: {gateway: {replicas: 2}}"));
        List<HasMetadata> objects = namespace.objects("redis");
        assertThat(objects).hasSize(4);
        namespace.delete("redis");
        await().until(() -> namespace.ambassador("redis") == null);
        objects.forEach(object -> {
            if (withManagedFields) {
                kubernetes.resource(object).edit(orphan -> {
                    orphan.getMetadata().setOwnerReferences(List.of());
                    return orphan;
                });
            } else {
                kubernetes.resource(object).withGracePeriod(0).delete();
                HasMetadata restored = kubernetes.getKubernetesSerialization().clone(object);
                restored.getMetadata().setOwnerReferences(List.of());
                restored.getMetadata().setManagedFields(List.of());
                restored.getMetadata().setResourceVersion(null);
                restored.getMetadata().setUid(null);
                kubernetes.resource(restored).create();
            }
        });
        List<String> uids = uids(namespace);
        assertThat(uids).hasSize(4);

        namespace.applied(
                manifest("redis", "links: [" + link(6379, "redis-b") + "]", "placement: {gateway: {replicas: 2}}"));

        assertThat(uids(namespace)).isEqualTo(uids);
        assertThat(namespace.objects("redis")).allSatisfy(object -> assertThat(
                        object.getMetadata().getOwnerReferences())
                .singleElement()
                .satisfies(owner -> assertThat(owner.getUid())
                        .isEqualTo(namespace.ambassador("redis").getMetadata().getUid())));
        assertThat(namespace.table("redis")).contains("redis-b").doesNotContain("redis-a");
        assertThat(namespace.get(Service.class, "redis").orElseThrow().getSpec().getPorts())
                .as("nothing of the earlier table stays")
                .hasSize(1);
        await().atMost(GatewayNamespace.SOON)
                .untilAsserted(() -> assertThat(namespace.eventMessages("redis", "Adopted"))
                        .singleElement()
                        .satisfies(told -> assertThat(told).contains("Service redis", "Deployment redis-ambassador")));
    }

    /** As the controllers of a cluster do with a Deployment that was just restored. */
    @ConcurrentTest
    void aDeploymentWhoseStatusIsWrittenMeanwhileIsTakenOver(GatewayNamespace namespace) {
        namespace.applied(redis("redis", "redis-a"));
        namespace.delete("redis");
        await().until(() -> namespace.ambassador("redis") == null);
        namespace.objects("redis").forEach(object -> kubernetes.resource(object).edit(orphan -> {
            orphan.getMetadata().setOwnerReferences(List.of());
            return orphan;
        }));
        var deployment =
                kubernetes.apps().deployments().inNamespace(namespace.name()).withName("redis-ambassador");
        AtomicBoolean over = new AtomicBoolean();
        CompletableFuture<Void> controller = CompletableFuture.runAsync(() -> {
            for (long generation = 1; !over.get(); generation++) {
                deployment
                        .subresource("status")
                        .patch(MERGE, "{\"status\":{\"observedGeneration\":" + generation + "}}");
            }
        });
        try {
            namespace.applied(redis("redis", "redis-b"));
        } finally {
            over.set(true);
        }
        controller.join();
        assertThat(namespace.table("redis")).contains("redis-b");
        assertThat(deployment.get().getMetadata().getOwnerReferences()).hasSize(1);
    }

    @ConcurrentTest
    void whatSelectsOtherPodsIsNotTakenOverForItsLabels(GatewayNamespace namespace) {
        namespace.applied(redis("redis", "redis-a"));
        Service service = namespace.get(Service.class, "redis").orElseThrow();
        namespace.delete("redis");
        await().until(() -> namespace.ambassador("redis") == null);
        kubernetes.resource(service).edit(other -> {
            other.getMetadata().setOwnerReferences(List.of());
            other.getSpec().setSelector(Map.of("app", "mine"));
            return other;
        });

        namespace.apply(redis("redis", "redis-b"));
        AmbassadorStatus status = namespace.await("redis", "Accepted", "Conflict");

        assertThat(message(status, "Accepted")).contains("Service redis");
        assertThat(namespace.get(Service.class, "redis").orElseThrow().getSpec().getSelector())
                .isEqualTo(Map.of("app", "mine"));
    }

    private static List<String> uids(GatewayNamespace namespace) {
        return namespace.objects("redis").stream()
                .map(object -> object.getMetadata().getUid())
                .toList();
    }

    private static void assertUntouched(GatewayNamespace namespace, HasMetadata object) {
        assertThat(namespace.version(object.getClass(), object.getMetadata().getName()))
                .isEqualTo(object.getMetadata().getResourceVersion());
    }

    private static HasMetadata create(GatewayNamespace namespace, String kind, String name) {
        String yaml = "apiVersion: " + VERSIONS.get(kind) + "\nkind: " + kind + "\nmetadata: {name: " + name + "}\n"
                + OTHERS.get(kind);
        return kubernetes
                .resource(Serialization.unmarshal(yaml, type(kind)))
                .inNamespace(namespace.name())
                .create();
    }

    private static Class<? extends HasMetadata> type(String kind) {
        return switch (kind) {
            case "Service" -> Service.class;
            case "ConfigMap" -> ConfigMap.class;
            case "Deployment" -> Deployment.class;
            default -> PodDisruptionBudget.class;
        };
    }

    private static Watch services(GatewayNamespace namespace, List<String> seen) {
        return kubernetes.services().inNamespace(namespace.name()).watch(new Watcher<>() {
            @Override
            public void eventReceived(Action action, Service service) {
                seen.add(action + " " + service.getMetadata().getName());
            }

            @Override
            public void onClose(WatcherException cause) {}
        });
    }
}
