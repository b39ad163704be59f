package link.ambassador.operator;

import static link.ambassador.operator.GatewayNamespace.SOON;
import static link.ambassador.operator.GatewayNamespace.link;
import static link.ambassador.operator.GatewayNamespace.manifest;
import static link.ambassador.operator.GatewayNamespace.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.stream.IntStream;
import link.ambassador.ConcurrentTest;
import org.junit.jupiter.api.extension.ExtendWith;

/** What goes on is recorded once: not for each pod, and not again by the next leader. */
@ExtendWith(GatewayTestExtension.class)
@SuppressWarnings("try") // What runs while a block does.
class NextLeaderIT {
    @ConcurrentTest
    void podsThatCanHaveNoRelayAreToldOnceWhoeverLeads(KubernetesClient kubernetes, GatewayNamespace namespace) {
        IntStream.range(0, 5).forEach(pod -> kubernetes
                .resource(inTheNodesNetwork("web-" + pod))
                .inNamespace(namespace.name())
                .create());
        try (InProcessOperator first = InProcessOperator.start(kubernetes)) {
            namespace.applied(sidecar("redis-a"));
            assertThat(message(namespace.await("redis", "Ready", "NotInjected"), "Ready"))
                    .contains("deployment/web", "use a gateway");
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(namespace.events("redis")).contains("HostNetwork"));
        }
        try (InProcessOperator next = InProcessOperator.start(kubernetes)) {
            namespace.applied(sidecar("redis-b"));
            // The Events of an edit come before its status, and what goes on is recorded at each reconcile.
            namespace.awaitStatus("redis", status -> status.lastRetarget() != null);
        }
        assertThat(namespace.events("redis")).contains("RetargetStarted").containsOnlyOnce("HostNetwork");
    }

    private static Pod inTheNodesNetwork(String name) {
        return Serialization.unmarshal(
                """
                apiVersion: v1
                kind: Pod
                metadata:
                  name: %s
                  labels: {app: web, pod-template-hash: 7c9}
                  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-7c9, uid: u, controller: true}]
                spec:
                  hostNetwork: true
                  containers: [{name: app, image: example.com/app:test}]
                """
                        .formatted(name),
                Pod.class);
    }

    private static String sidecar(String host) {
        return manifest(
                "redis",
                "links: [" + link(6379, host) + "]",
                "placement: {sidecar: {selector: {matchLabels: {app: web}}}}");
    }
}
