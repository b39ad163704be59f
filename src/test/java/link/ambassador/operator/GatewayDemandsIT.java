package link.ambassador.operator;

import static link.ambassador.operator.GatewayNamespace.link;
import static link.ambassador.operator.GatewayNamespace.manifest;
import static link.ambassador.operator.GatewayNamespace.redis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Map;
import link.ambassador.ConcurrentTest;
import link.ambassador.kubernetes.Namespaces;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;

/** Gateways in namespaces that demand something of their pods. */
@ExtendWith(GatewayTestExtension.class)
@SuppressWarnings("try") // What runs while a block does.
class GatewayDemandsIT {
    private static final String QUOTA =
            """
            apiVersion: v1
            kind: ResourceQuota
            metadata: {name: team}
            spec: {hard: {requests.cpu: "10", requests.memory: 10Gi, limits.cpu: "20", limits.memory: 20Gi}}
            """;

    private static KubernetesClient kubernetes;

    @BeforeAll
    static void client(KubernetesClient client) {
        kubernetes = client;
    }

    @ConcurrentTest
    void aGatewayHasTheLimitThatAQuotaDemands(GatewayNamespace namespace) {
        create(namespace, QUOTA, ResourceQuota.class);
        try (InProcessOperator operator = InProcessOperator.start(kubernetes)) {
            namespace.applied(redis("redis", "redis-a"));
            namespace.applied(manifest(
                    "asked",
                    "links: [" + link(6379, "redis-a") + "]",
                    "placement: {gateway: {resources: {requests: {cpu: '1'}, limits: {memory: 64Mi}}}}"));
        }
        assertThat(resources(namespace, "redis").getLimits())
                .isEqualTo(Map.of("cpu", Quantity.parse("500m"), "memory", Quantity.parse("192Mi")));
        assertThat(resources(namespace, "asked").getLimits())
                .isEqualTo(Map.of("cpu", Quantity.parse("1"), "memory", Quantity.parse("64Mi")));
    }

    @ConcurrentTest
    void aGatewayKeepsToALimitRangeAndToPodSecurity(GatewayNamespace namespace) {
        Namespaces.apply(kubernetes, namespace.name(), Namespaces.enforcing("restricted"));
        create(
                namespace,
                """
                apiVersion: v1
                kind: LimitRange
                metadata: {name: small}
                spec:
                  limits:
                  - {type: Container, min: {cpu: 60m}, max: {cpu: 300m, memory: 128Mi}, maxLimitRequestRatio: {cpu: "2", memory: "1"}}
                  - {type: Pod, max: {cpu: 300m, memory: 128Mi}}
                """,
                LimitRange.class);
        try (InProcessOperator operator = InProcessOperator.start(kubernetes)) {
            namespace.applied(redis("redis", "redis-a"));
        }
        Deployment deployment =
                namespace.get(Deployment.class, "redis-ambassador").orElseThrow();
        // Refused by LimitRanger or PodSecurity otherwise.
        kubernetes
                .resource(new PodBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace.name())
                        .withName("relay")
                        .endMetadata()
                        .withSpec(deployment.getSpec().getTemplate().getSpec())
                        .build())
                .dryRun()
                .create();
        assertThat(resources(namespace, "redis").getLimits())
                .isEqualTo(Map.of("cpu", Quantity.parse("120m"), "memory", Quantity.parse("128Mi")));
    }

    @ConcurrentTest
    void aLaterQuotaRollsRelaysOnlyWhenItRefusesTheirPods(GatewayNamespace namespace) {
        try (InProcessOperator operator = InProcessOperator.start(kubernetes)) {
            namespace.applied(redis("redis", "redis-a"));
        }
        create(namespace, QUOTA, ResourceQuota.class);
        try (InProcessOperator operator = InProcessOperator.start(kubernetes)) {
            namespace.applied(redis("redis", "redis-b"));
            assertThat(resources(namespace, "redis").getLimits()).containsOnlyKeys("memory");

            namespace.refusePods("redis", "must specify limits.cpu for: relay");
            await().atMost(GatewayNamespace.SOON)
                    .until(() -> resources(namespace, "redis").getLimits().containsKey("cpu"));
        }
    }

    private static void create(GatewayNamespace namespace, String yaml, Class<? extends HasMetadata> type) {
        kubernetes
                .resource(Serialization.unmarshal(yaml, type))
                .inNamespace(namespace.name())
                .create();
    }

    private static ResourceRequirements resources(GatewayNamespace namespace, String ambassador) {
        return namespace
                .get(Deployment.class, ambassador + "-ambassador")
                .orElseThrow()
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .get(0)
                .getResources();
    }
}
