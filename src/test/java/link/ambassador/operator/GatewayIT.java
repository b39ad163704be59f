package link.ambassador.operator;

import static link.ambassador.operator.GatewayNamespace.reason;
import static link.ambassador.operator.GatewayNamespace.redis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Gateways as the operator's process makes them: that Quarkus runs the reconciler as the other tests do without it. */
@ExtendWith(GatewayTestExtension.class)
class GatewayIT {
    private static final Duration SETTLED = Duration.ofSeconds(10);

    private static JavaOperator operator;

    @BeforeAll
    static void operator(KubernetesClient kubernetes) throws Exception {
        Config administrator = new ConfigBuilder(kubernetes.getConfiguration())
                .withNamespace("default")
                .build();
        operator = JavaOperator.start(administrator, Map.of()).started();
    }

    @AfterAll
    static void noOperator() throws Exception {
        operator.close();
    }

    @Test
    void anAmbassadorBecomesAServiceAConfigMapAndADeploymentOfItsOwn(GatewayNamespace namespace) {
        AmbassadorStatus status = namespace.applied(redis("redis", "redis-a"));

        Ambassador owner = namespace.ambassador("redis");
        assertThat(namespace.objects("redis")).extracting("kind").containsExactly("Service", "ConfigMap", "Deployment");
        assertThat(namespace.objects("redis"))
                .allSatisfy(object -> assertThat(object.getMetadata().getOwnerReferences())
                        .singleElement()
                        .satisfies(reference -> assertThat(reference.getUid())
                                .isEqualTo(owner.getMetadata().getUid())));
        assertThat(namespace.table("redis")).contains("redis-a").contains(status.revision());
        assertThat(status.observedGeneration()).isEqualTo(1);
        assertThat(status.summary().target()).isEqualTo("redis-a:6379");
        assertThat(reason(status, "Converged")).isEqualTo("NoRelays");
    }

    @Test
    void whatIsSettledIsNotWrittenAgain(GatewayNamespace namespace, FakeKubelet kubelet) throws IOException {
        namespace.applied(redis("redis", "redis-a"));
        kubelet.run("redis");
        kubelet.run("redis");
        namespace.awaitStatus("redis", status -> status.relays().converged() == 2);
        namespace.applied(redis("redis", "redis-b"));
        namespace.awaitStatus("redis", status -> status.relays().converged() == 2);
        await().atMost(GatewayNamespace.SOON)
                .until(() -> namespace.events("redis").equals(List.of("Converged", "RetargetStarted", "Converged")));

        Map<String, String> before = namespace.versions();
        await().during(SETTLED).atMost(SETTLED.plusSeconds(5)).untilAsserted(() -> assertThat(namespace.versions())
                .isEqualTo(before));
    }
}
