package link.ambassador.operator;

import static link.ambassador.operator.GatewayNamespace.link;
import static link.ambassador.operator.GatewayNamespace.manifest;
import static link.ambassador.operator.GatewayNamespace.redis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import link.ambassador.ConcurrentTest;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.LastRetarget;
import link.ambassador.kubernetes.Kubectl;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is remembered of the retargets of an Ambassador. */
@ExtendWith({GatewayTestExtension.class, RunningOperator.class})
class RetargetHistoryIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @ConcurrentTest
    void aRetargetIsRememberedWithItsTargetsAndItsEnd(
            KubernetesClient kubernetes, GatewayNamespace namespace, FakeKubelet kubelet) throws IOException {
        namespace.applied(redis("redis", "redis-a"));
        kubelet.run("redis");
        namespace.await("redis", "Converged", "Acknowledged");
        assertThat(history(kubernetes, namespace)).isEmpty();

        Ambassador edited = namespace.apply(redis("redis", "redis-b"));

        ControllerRevision retarget = await().atMost(GatewayNamespace.SOON)
                .until(
                        () -> history(kubernetes, namespace),
                        all -> all.size() == 1 && annotations(all.get(0)).containsKey("ambassador.link/converged-at"))
                .get(0);
        assertThat(retarget.getMetadata().getName()).isEqualTo("redis-ambassador-2");
        assertThat(retarget.getRevision()).isEqualTo(2L);
        assertThat(retarget.getMetadata().getOwnerReferences()).singleElement().satisfies(owner -> assertThat(
                        owner.getUid())
                .isEqualTo(edited.getMetadata().getUid()));
        assertThat(hosts(retarget, "before")).isEqualTo("redis-a");
        assertThat(hosts(retarget, "after")).isEqualTo("redis-b");
        assertThat(annotations(retarget))
                .containsEntry("ambassador.link/changed-by", "fabric8")
                .containsEntry("ambassador.link/outcome", "Converged")
                .containsKey("ambassador.link/started-at");
        namespace.awaitStatus(
                "redis",
                status -> status.lastRetarget() != null
                        && "Converged".equals(status.lastRetarget().outcome()));
    }

    @ConcurrentTest
    @SuppressWarnings("try") // Connections that are open while a block runs.
    void whatARetargetDrainedAndResetIsRemembered(
            KubernetesClient kubernetes, GatewayNamespace namespace, FakeKubelet kubelet, @TempDir Path directory)
            throws Exception {
        InetAddress here = OwnAddress.find();
        try (ServerSocket a = new ServerSocket(0, 50, here);
                ServerSocket b = new ServerSocket(0, 50, here)) {
            namespace.applied(leadingTo(a, "Drain"));
            List<String> relays = Stream.generate(() -> kubelet.run("redis").address())
                    .limit(2)
                    .toList();
            namespace.awaitStatus("redis", status -> status.relays().converged() == 2);

            try (BusyConnection first = BusyConnection.open(relays.get(0), a);
                    BusyConnection second = BusyConnection.open(relays.get(1), a);
                    BusyConnection third = BusyConnection.open(relays.get(1), a)) {
                assertThat(retargeted(namespace, leadingTo(b, "Drain")))
                        .extracting(LastRetarget::drained, LastRetarget::reset)
                        .containsExactly(3L, 0L);
            }
            try (BusyConnection last = BusyConnection.open(relays.get(1), b)) {
                assertThat(retargeted(namespace, leadingTo(a, "Close")))
                        .extracting(LastRetarget::drained, LastRetarget::reset)
                        .containsExactly(0L, 1L);
                assertThatThrownBy(() -> last.consumer().getInputStream().read())
                        .isInstanceOf(SocketException.class);
            }
            assertThat(retargeted(namespace, leadingTo(a, "Close").replace("[{", "[{idleTimeout: 1h, ")))
                    .as("the same targets")
                    .extracting(LastRetarget::drained, LastRetarget::reset)
                    .containsExactly(0L, 0L);
        }

        Kubectl kubectl = new Kubectl(kubernetes, namespace.name(), directory);
        await().atMost(GatewayNamespace.SOON).untilAsserted(() -> assertThat(
                        kubectl.plugin("history", "redis").succeeded().output().lines())
                .satisfiesExactly(
                        title -> assertThat(title).contains("  OUTCOME     DRAINED  RESET  BY  "),
                        drained -> assertThat(drained).contains("  Converged   3        0      fabric8  "),
                        reset -> assertThat(reset).contains("  Converged   0        1      fabric8  ")));
        assertThat(kubectl.plugin("status", "redis").succeeded().output())
                .contains(", connections drained: 0, connections reset: 0\n");
    }

    private static LastRetarget retargeted(GatewayNamespace namespace, String manifest) {
        Ambassador edited = namespace.apply(manifest);
        return namespace
                .awaitStatus(
                        "redis",
                        status -> status.observedGeneration()
                                        .equals(edited.getMetadata().getGeneration())
                                && status.lastRetarget() != null
                                && "Converged".equals(status.lastRetarget().outcome()))
                .lastRetarget();
    }

    private static String leadingTo(ServerSocket target, String existingConnections) {
        return manifest(
                "redis",
                "links: [" + link(6379, BusyConnection.address(target)) + "]",
                "retarget: {existingConnections: " + existingConnections + "}");
    }

    @ConcurrentTest
    void theLatestTenAreRemembered(KubernetesClient kubernetes, GatewayNamespace namespace) {
        namespace.applied(redis("redis", "redis-0"));
        for (int edit = 1; edit <= 12; edit++) {
            namespace.applied(redis("redis", "redis-" + edit));
            int latest = edit;
            await().atMost(GatewayNamespace.SOON).until(() -> history(kubernetes, namespace).stream()
                    .anyMatch(retarget -> hosts(retarget, "after").equals("redis-" + latest)));
        }

        await().atMost(GatewayNamespace.SOON).untilAsserted(() -> assertThat(history(kubernetes, namespace))
                .extracting(retarget -> hosts(retarget, "after"))
                .containsExactly(
                        "redis-3",
                        "redis-4",
                        "redis-5",
                        "redis-6",
                        "redis-7",
                        "redis-8",
                        "redis-9",
                        "redis-10",
                        "redis-11",
                        "redis-12"));
    }

    @ConcurrentTest
    void anEditThatLeavesTheTargetsIsNotRemembered(KubernetesClient kubernetes, GatewayNamespace namespace) {
        String one = redis("redis", "redis-a");
        namespace.applied(one);
        namespace.applied(one + "  placement: {gateway: {replicas: 0}}\n");
        namespace.applied(redis("redis", "redis-b") + "  placement: {gateway: {replicas: 0}}\n");

        await().atMost(GatewayNamespace.SOON).untilAsserted(() -> assertThat(history(kubernetes, namespace))
                .singleElement()
                .extracting(retarget -> hosts(retarget, "before"))
                .isEqualTo("redis-a"));
    }

    @ConcurrentTest
    void thePluginListsRetargetsAndTakesThemBack(
            KubernetesClient kubernetes, GatewayNamespace namespace, @TempDir Path directory) throws Exception {
        Kubectl kubectl = new Kubectl(kubernetes, namespace.name(), directory);
        namespace.applied(manifest(
                "redis",
                "links: [{listen: 6379, targets: [{host: '2001:db8::1', port: 6379}, {host: redis-a, port: 6380}]}]"));
        assertThat(kubectl.plugin("history", "redis").output()).contains("no retarget of redis is remembered");
        assertThat(kubectl.plugin("undo", "redis").output())
                .contains("no retarget of redis is remembered, so there are no targets to go back to");
        for (String host : List.of("redis-b", "redis-c")) {
            namespace.applied(redis("redis", host));
            await().atMost(GatewayNamespace.SOON).until(() -> history(kubernetes, namespace).stream()
                    .anyMatch(retarget -> hosts(retarget, "after").equals(host)));
        }

        assertThat(kubectl.plugin("history", "redis").succeeded().output().lines())
                .satisfiesExactly(
                        title -> assertThat(title).startsWith("REVISION").contains("OUTCOME"),
                        first -> assertThat(first)
                                .startsWith("2 ")
                                .contains("  Overtaken  ")
                                .endsWith("6379 -> [2001:db8::1]:6379 redis-a:6380 becomes 6379 -> redis-b:6379"),
                        second -> assertThat(second)
                                .startsWith("3 ")
                                .endsWith("6379 -> redis-b:6379 becomes 6379 -> redis-c:6379"));
        assertThat(kubectl.plugin("undo", "redis", "--dry-run").succeeded().output())
                .startsWith("redis: back to 6379 -> redis-b:6379\nnothing was changed");
        assertThat(namespace.ambassador("redis").getMetadata().getGeneration()).isEqualTo(3);
        assertThat(kubectl.plugin("undo", "redis").succeeded().output())
                .startsWith("redis: back to 6379 -> redis-b:6379\n");
        assertThat(kubectl.plugin("undo", "redis", "--to-revision=9").output())
                .contains("no retarget of redis with revision 9 is remembered");
        assertThat(kubectl.plugin("undo", "redis", "--to-revision", "3")
                        .succeeded()
                        .output())
                .startsWith("redis: back to 6379 -> redis-c:6379\n");
    }

    private static List<ControllerRevision> history(KubernetesClient kubernetes, GatewayNamespace namespace) {
        return kubernetes
                .resources(ControllerRevision.class)
                .inNamespace(namespace.name())
                .withLabel("ambassador.link/retarget-of", "redis")
                .list()
                .getItems()
                .stream()
                .sorted(Comparator.comparing(ControllerRevision::getRevision))
                .toList();
    }

    private static Map<String, String> annotations(ControllerRevision retarget) {
        return retarget.getMetadata().getAnnotations();
    }

    private static String hosts(ControllerRevision retarget, String when) {
        return JSON.valueToTree(retarget.getData())
                .at("/" + when + "/links/0/targets/0/host")
                .asText();
    }
}
