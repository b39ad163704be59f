package link.ambassador.operator;

import static link.ambassador.operator.GatewayNamespace.SOON;
import static link.ambassador.operator.GatewayNamespace.link;
import static link.ambassador.operator.GatewayNamespace.manifest;
import static link.ambassador.operator.GatewayNamespace.message;
import static link.ambassador.operator.GatewayNamespace.reason;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import link.ambassador.ConcurrentTest;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.kubernetes.Namespaces;
import link.ambassador.operator.FakeSidecars.SidecarPod;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the operator reports about consumers' pods that are served only in part, or not at all. */
@ExtendWith({GatewayTestExtension.class, RunningOperator.class})
class SidecarStoriesIT {
    @ConcurrentTest
    void aServiceThatAnAliasHidesIsToldUntilItIsHiddenNoMore(
            KubernetesClient kubernetes, GatewayNamespace namespace, FakeSidecars pods) {
        service(kubernetes, namespace, "redis", 6379, 26379);
        namespace.applied(sidecar("redis", link(6379, "redis-a")));
        pods.runNamed("web", "redis");

        assertThat(message(namespace.await("redis", "Accepted", "ServiceShadowed"), "Accepted"))
                .contains("port 26379 of the Service redis", "redis." + namespace.name());
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(namespace.events("redis")).containsOnlyOnce("ServiceShadowed"));

        namespace.apply(sidecar("redis", link(6379, "redis-a"), link(26379, "redis-a")));
        namespace.await("redis", "Accepted", "Accepted");

        service(kubernetes, namespace, "redis", 6379, 26379, 9121);
        assertThat(message(namespace.await("redis", "Accepted", "ServiceShadowed"), "Accepted"))
                .contains("port 9121 of");
        kubernetes.services().inNamespace(namespace.name()).withName("redis").delete();
        namespace.await("redis", "Accepted", "Accepted");
    }

    @ConcurrentTest
    void aSidecarThatWouldDialItselfServesItsLastGoodTable(GatewayNamespace namespace, FakeSidecars pods) {
        namespace.applied(sidecar("redis", link(6379, "redis-a")));
        SidecarPod pod = pods.run("web");
        await().atMost(SOON).until(() -> pod.links().equals(List.of("redis:6379>redis-a")));

        namespace.apply(sidecar("redis", link(6379, "localhost:6380"), link(6380, "127.0.0.1:6379")));

        assertThat(message(namespace.await("redis", "Accepted", "TargetIsSelf"), "Accepted"))
                .contains("Link 6379", "localhost:6380");
        assertThat(pod.links()).containsExactly("redis:6379>redis-a");
        namespace.applied(sidecar("redis", link(6379, "localhost:6381")));
        await().atMost(SOON).until(() -> pod.links().equals(List.of("redis:6379>localhost")));
    }

    @ConcurrentTest
    void aTargetThatIsAnotherAmbassadorsListenerInThePodIsTold(GatewayNamespace namespace, FakeSidecars pods) {
        namespace.applied(sidecar("db", link(5432, "pg-a")));
        SidecarPod pod = pods.run("web");
        namespace.apply(sidecar("redis", link(6379, "127.0.0.1:5432")));

        assertThat(message(namespace.await("redis", "Accepted", "TargetIsSelf"), "Accepted"))
                .contains("127.0.0.1:5432", "another Ambassador", pod.name());
        assertThat(reason(namespace.status("db"), "Accepted")).isEqualTo("Accepted");

        namespace.delete("db");
        namespace.await("redis", "Accepted", "Accepted");
    }

    @ConcurrentTest
    void podsOfANamespaceThatIsDisabledNeedNoRestart(
            KubernetesClient kubernetes, GatewayNamespace namespace, FakeSidecars pods) {
        var configuration = kubernetes
                .resource(
                        """
                        apiVersion: admissionregistration.k8s.io/v1
                        kind: MutatingWebhookConfiguration
                        metadata: {name: ambassador-webhook}
                        webhooks:
                        - name: pods.ambassador.link
                          admissionReviewVersions: [v1]
                          sideEffects: None
                          failurePolicy: Ignore
                          clientConfig: {url: "https://127.0.0.1:1/"}
                          namespaceSelector:
                            matchExpressions: [{key: ambassador.link/injection, operator: NotIn, values: [disabled]}]
                        """)
                .create();
        try {
            Namespaces.apply(kubernetes, namespace.name(), Map.of("ambassador.link/injection", "disabled"));
            pods.runBare("web", "web-bare");
            namespace.applied(sidecar("redis", link(6379, "redis-a")));

            AmbassadorStatus status = namespace.await("redis", "Ready", "NotInjected");
            assertThat(message(status, "Ready")).contains("ambassador.link/injection");
            assertThat(status.relays().selected()).isZero();
            await().atMost(SOON).untilAsserted(() -> assertThat(namespace.events("redis"))
                    .contains("NamespaceDisabled")
                    .doesNotContain("RestartNeeded"));
        } finally {
            kubernetes.resource(configuration).delete();
        }
    }

    private static void service(KubernetesClient kubernetes, GatewayNamespace namespace, String name, int... ports) {
        String listed = IntStream.of(ports)
                .mapToObj(port -> "{name: p" + port + ", port: " + port + "}")
                .collect(Collectors.joining(", "));
        String yaml = "apiVersion: v1\nkind: Service\nmetadata: {name: " + name + "}\nspec: {clusterIP: None, ports: ["
                + listed + "]}\n";
        kubernetes
                .resource(Serialization.unmarshal(yaml, Service.class))
                .inNamespace(namespace.name())
                .forceConflicts()
                .serverSideApply();
    }

    private static String sidecar(String ambassador, String... links) {
        return manifest(
                ambassador,
                "links: [" + String.join(", ", links) + "]",
                "placement: {sidecar: {selector: {matchLabels: {app: web}}}}");
    }
}
