package link.ambassador.operator;

import static link.ambassador.operator.GatewayNamespace.link;
import static link.ambassador.operator.GatewayNamespace.manifest;
import static link.ambassador.operator.GatewayNamespace.redis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import link.ambassador.operator.FakeKubelet.GatewayPod;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** An operator that starts where another one left off. */
@ExtendWith(GatewayTestExtension.class)
@SuppressWarnings("try") // What runs, or watches, while a block does.
class RestartIT {
    private static final int AMBASSADORS = 50;
    private static final Duration QUIET = Duration.ofSeconds(4);

    @Test
    void anOperatorThatStartsAgainWritesNothing(
            KubernetesClient kubernetes, GatewayNamespace namespace, FakeKubelet kubelet) throws IOException {
        List<GatewayPod> pods = new ArrayList<>();
        try (InProcessOperator operator = InProcessOperator.start(kubernetes)) {
            IntStream.range(0, AMBASSADORS - 3)
                    .forEach(i -> namespace.apply(redis("redis-" + i, "redis-a", "redis-b:6380")));
            namespace.apply(manifest(
                    "full",
                    "links: [" + link(5432, "pg-a") + ", " + link(6432, "pg-b") + "]",
                    "retarget: {existingConnections: Close, drainTimeout: 90s}",
                    "placement: {gateway: {replicas: 2, service: {name: db}, resources: {limits: {memory: 64Mi}}}}"));
            namespace.apply(redis("self", "self"));
            namespace.apply(redis("edited", "redis-a"));
            namespace.await("edited", "Accepted", "Accepted");
            namespace.await("self", "Accepted", "TargetIsSelf");
            namespace.await("full", "Accepted", "Accepted");
            for (String name : List.of("redis-0", "redis-1", "redis-2", "edited", "full")) {
                namespace.await(name, "Accepted", "Accepted");
                pods.add(kubelet.run(name));
                namespace.await(name, "Converged", "Acknowledged");
            }
            kubelet.runSilent("full");
            namespace.applied(redis("edited", "redis-b"));
            namespace.await("edited", "Converged", "Acknowledged");
            namespace.awaitStatus("full", status -> status.relays().unknown() == 1);
            IntStream.range(0, AMBASSADORS - 3).forEach(i -> namespace.await("redis-" + i, "Accepted", "Accepted"));
            awaitQuiet(namespace);
        }
        Map<String, String> before = namespace.versions();

        try (InProcessOperator operator = InProcessOperator.start(kubernetes)) {
            await("every relay is asked").atMost(GatewayNamespace.SOON).until(() -> operator.answers() >= pods.size());
            await("nothing is written")
                    .during(QUIET)
                    .atMost(QUIET.plusSeconds(2))
                    .untilAsserted(() ->
                            assertThat(new TreeMap<>(namespace.versions())).isEqualTo(before));
        }
    }

    private static void awaitQuiet(GatewayNamespace namespace) {
        Map<String, String> last = new TreeMap<>();
        await("nothing more to write")
                .during(QUIET)
                .atMost(Duration.ofMinutes(1))
                .until(() -> {
                    Map<String, String> now = namespace.versions();
                    boolean same = now.equals(last);
                    last.clear();
                    last.putAll(now);
                    return same;
                });
    }
}
