package link.ambassador.operator;

import static link.ambassador.operator.GatewayNamespace.SOON;
import static link.ambassador.operator.GatewayNamespace.link;
import static link.ambassador.operator.GatewayNamespace.manifest;
import static link.ambassador.operator.GatewayNamespace.message;
import static link.ambassador.operator.GatewayNamespace.redis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import link.ambassador.ConcurrentTest;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.config.Annotations;
import link.ambassador.operator.FakeKubelet.GatewayPod;
import link.ambassador.operator.FakeSidecars.SidecarPod;
import org.junit.jupiter.api.extension.ExtendWith;

/** What relays are given that an older operator created, and that do not know what a link asks for. */
@ExtendWith({GatewayTestExtension.class, RunningOperator.class})
class OlderRelaysIT {
    private static final String WAITING = "{listen: 6379, targets: [{host: redis-b, port: 6379}],"
            + " whenUnavailable: {action: Hold, timeout: 15s}}";

    @ConcurrentTest
    void aSidecarServesALinkAsItWasUntilItsPodIsRecreated(GatewayNamespace namespace, FakeSidecars pods) {
        namespace.applied(sidecar(link(6379, "redis-a"), link(5432, "pg-a")));
        SidecarPod old = pods.run("web");
        old.annotate(Annotations.RELAY_FEATURES, "");
        SidecarPod today = pods.run("web");
        namespace.await("redis", "Converged", "Acknowledged");

        namespace.apply(sidecar(WAITING, link(5432, "pg-b")));
        AmbassadorStatus status = namespace.await("redis", "Converged", "RelayTooOld");

        await().atMost(SOON).untilAsserted(() -> assertThat(today.links())
                .containsExactly("redis:6379>redis-b", "redis:5432>pg-b"));
        assertThat(today.annotation(Annotations.LINKS)).contains("\"requires\":[\"hold/1\"]");
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(old.links()).containsExactly("redis:6379>redis-a", "redis:5432>pg-b"));
        assertThat(old.annotation(Annotations.LINKS)).doesNotContain("requires");
        assertThat(message(status, "Converged"))
                .isEqualTo(old.name() + " does not know hold/1, and serves port 6379 as before: recreate pod "
                        + old.name() + ".");

        old.delete();
        namespace.await("redis", "Converged", "Acknowledged");
    }

    @ConcurrentTest
    void aGatewayKeepsItsTableUntilItsLastOldPodIsGone(GatewayNamespace namespace, FakeKubelet kubelet) {
        namespace.applied(redis("redis", "redis-a"));
        GatewayPod old = kubelet.runOld("redis");
        kubelet.run("redis");
        namespace.await("redis", "Converged", "Acknowledged");

        namespace.apply(manifest("redis", "links: [" + WAITING + "]"));
        AmbassadorStatus status = namespace.await("redis", "Converged", "RelayTooOld");
        assertThat(message(status, "Converged"))
                .isEqualTo(old.name() + " does not know hold/1, and serves port 6379 as before: the rollout of its"
                        + " Deployment replaces it.");
        assertThat(namespace.table("redis")).contains("redis-a").doesNotContain("redis-b", "requires");

        old.delete();
        namespace.await("redis", "Converged", "Acknowledged");
        assertThat(namespace.table("redis")).contains("redis-b", "\"requires\":[\"hold/1\"]");
    }

    private static String sidecar(String... links) {
        return manifest(
                "redis",
                "links: [" + String.join(", ", links) + "]",
                "placement: {sidecar: {selector: {matchLabels: {app: web}}}}");
    }
}
