package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import link.ambassador.ConcurrentTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Gateways in real pods, as a user and a consumer see them. */
class GatewayE2E {
    /** For figures: {@code -De2e.retargets=200}. */
    private static final int RETARGETS = Integer.getInteger("e2e.retargets", 10);

    private ClusterNamespace shop;

    @BeforeEach
    void shop() throws Exception {
        shop = new ClusterNamespace();
    }

    @AfterEach
    void noShop() {
        shop.close();
    }

    @ConcurrentTest
    void anEditMovesTheTrafficAndTheResourceTellsTheStory() throws Exception {
        shop.apply("redis-a");
        shop.awaitCondition("Ready");
        assertThat(ClusterNamespace.whoAnswers(shop.service())).isEqualTo("redis-a");
        shop.awaitCondition("Converged");
        List<String> pods = shop.identities();

        shop.apply("redis-b");
        shop.awaitCondition("Converged");
        assertThat(ClusterNamespace.whoAnswers(shop.service())).isEqualTo("redis-b");
        assertThat(shop.identities())
                .as("no pod was replaced, no container restarted")
                .isEqualTo(pods);
        assertThat(shop.status().lastRetarget().from()).isEqualTo("6379 -> redis-a:6379");
        assertThat(shop.status().lastRetarget().to()).isEqualTo("6379 -> redis-b:6379");
        assertThat(shop.events()).endsWith("RetargetStarted", "Converged");
        assertThat(shop.kubectl("get", "amb", "cache").lines().toList().get(1).split(" +"))
                .startsWith("cache", "6379", "redis-b:6379", "gateway", "1/1", "True");
        await().atMost(Duration.ofSeconds(60))
                .until(() -> shop.condition("TargetReachable").equals("True Connected"));
    }

    @ConcurrentTest
    void consumersFindItByDockerLinkVariables() throws Exception {
        shop.apply("redis-a");
        shop.awaitCondition("Ready");
        shop.kubernetes
                .resource(
                        """
                        apiVersion: v1
                        kind: Pod
                        metadata: {name: consumer}
                        spec:
                          restartPolicy: Never
                          containers:
                          - name: consumer
                            image: localhost/amb-redis:test
                            command: [sh, -c]
                            args:
                            - |
                              echo "$CACHE_PORT_6379_TCP"
                              redis-cli -h "$CACHE_PORT_6379_TCP_ADDR" -p "$CACHE_PORT_6379_TCP_PORT" ping
                            securityContext:
                              runAsNonRoot: true
                              allowPrivilegeEscalation: false
                              capabilities: {drop: [ALL]}
                              seccompProfile: {type: RuntimeDefault}
                        """)
                .inNamespace(shop.namespace)
                .create();
        await().atMost(ClusterNamespace.TO_START).until(() -> phase("consumer"), "Succeeded"::equals);
        assertThat(shop.kubectl("logs", "consumer").lines())
                .containsExactly("tcp://" + shop.service().getAddress().getHostAddress() + ":6379", "PONG");
    }

    @ConcurrentTest
    void retargetsInARowFailNoConnect() throws Exception {
        shop.apply("redis-a");
        shop.awaitCondition("Ready");
        List<Long> millis = new ArrayList<>();
        try (ServiceLoad consumer = new ServiceLoad(shop.service())) {
            for (int i = 1; i <= RETARGETS; i++) {
                String next = i % 2 == 1 ? "redis-b" : "redis-a";
                shop.apply(next);
                long applied = System.nanoTime();
                await().pollInterval(1, TimeUnit.MILLISECONDS)
                        .atMost(ClusterNamespace.TO_CONVERGE)
                        .until(consumer::last, next::equals);
                millis.add((System.nanoTime() - applied) / 1_000_000);
                shop.awaitCondition("Converged");
            }
            assertThat(consumer.failures())
                    .as("of %d connects", consumer.connects())
                    .isEmpty();
            System.out.println(figures(millis, consumer.connects()));
        }
    }

    @ConcurrentTest
    void aRelayThatIsDeletedIsReplacedByOneThatServesTheCurrentTable() throws Exception {
        shop.apply("redis-a", "placement: {gateway: {replicas: 2}}");
        shop.awaitCondition("Ready");
        shop.kubectl("wait", "--for=condition=Available", "deployment/cache-ambassador", "--timeout=55s");
        shop.apply("redis-b", "placement: {gateway: {replicas: 2}}");
        shop.awaitCondition("Converged");
        Pod victim = shop.relays().get(0);
        try (ServiceLoad consumer = new ServiceLoad(shop.service())) {
            shop.kubectl("delete", "pod", victim.getMetadata().getName(), "--wait=false");
            await().atMost(ClusterNamespace.TO_START)
                    .until(() -> shop.relays().stream().noneMatch(pod -> pod.getMetadata()
                            .getUid()
                            .equals(victim.getMetadata().getUid())));
            await().atMost(ClusterNamespace.TO_START)
                    .until(() -> shop.status().summary().relays(), "2/2"::equals);
            assertThat(consumer.failures())
                    .as("of %d connects", consumer.connects())
                    .isEmpty();
        }
        for (Pod relay : shop.relays()) {
            assertThat(ClusterNamespace.whoAnswers(
                            new java.net.InetSocketAddress(relay.getStatus().getPodIP(), 6379)))
                    .isEqualTo("redis-b");
        }
        assertThat(shop.condition("Converged")).isEqualTo("True Acknowledged");
    }

    @ConcurrentTest
    void aWrongTargetIsToldWhileKeptConnectionsLiveOn() throws Exception {
        shop.apply("redis-a", "retarget: {existingConnections: Keep}");
        shop.awaitCondition("Ready");
        try (Socket open = new Socket()) {
            open.connect(shop.service(), 5_000);
            assertThat(ClusterNamespace.ask(open)).isEqualTo("redis-a");
            shop.apply("nobody.invalid", "retarget: {existingConnections: Keep}");
            shop.awaitCondition("Converged");
            // A connect is needed, because the relays do not probe their targets.
            await().atMost(Duration.ofSeconds(60)).ignoreExceptions().until(() -> {
                try {
                    ClusterNamespace.whoAnswers(shop.service());
                } catch (IOException reset) {
                    // As it should be.
                }
                return shop.condition("TargetReachable").equals("False ConnectFailed");
            });
            assertThat(ClusterNamespace.ask(open)).isEqualTo("redis-a");
        }
    }

    @ConcurrentTest
    void openConnectionsAreKeptResetOrEndedAsTheResourceSays() throws Exception {
        shop.apply("redis-a");
        shop.awaitCondition("Ready");
        try (Socket kept = open()) {
            assertThat(ClusterNamespace.ask(kept)).isEqualTo("redis-a");
            shop.apply("redis-b", "retarget: {existingConnections: Keep}");
            shop.awaitCondition("Converged");
            assertThat(ClusterNamespace.whoAnswers(shop.service())).isEqualTo("redis-b");
            assertThat(ClusterNamespace.ask(kept)).isEqualTo("redis-a");
        }
        try (Socket closed = open()) {
            assertThat(ClusterNamespace.ask(closed)).isEqualTo("redis-b");
            shop.apply("redis-a", "retarget: {existingConnections: Close}");
            assertThatThrownBy(() -> closed.getInputStream().read())
                    .isInstanceOf(IOException.class)
                    .hasMessage("Connection reset");
            assertThat(ClusterNamespace.whoAnswers(shop.service())).isEqualTo("redis-a");
        }
        try (Socket drained = open()) {
            assertThat(ClusterNamespace.ask(drained)).isEqualTo("redis-a");
            shop.apply("redis-b", "retarget: {existingConnections: Drain}");
            assertThat(drained.getInputStream().read()).as("an end, no reset").isEqualTo(-1);
            assertThat(ClusterNamespace.whoAnswers(shop.service())).isEqualTo("redis-b");
        }
    }

    private Socket open() throws IOException {
        Socket open = new Socket();
        open.connect(shop.service(), 5_000);
        open.setSoTimeout((int) ClusterNamespace.TO_CONVERGE.toMillis());
        return open;
    }

    @ConcurrentTest
    void deletingItDeletesWhatItOwned() throws Exception {
        shop.apply("redis-a");
        shop.awaitCondition("Ready");
        shop.kubectl("delete", "amb", "cache");
        await().atMost(ClusterNamespace.TO_START)
                .until(
                        () -> shop.kubectl(
                                "get",
                                "deployments,services,configmaps,pods",
                                "-l",
                                "ambassador.link/gateway",
                                "-o",
                                "name"),
                        String::isEmpty);
    }

    @ConcurrentTest
    void relaysThatCannotBeAskedAreMovedAllTheSame() throws Exception {
        BareNode node = new BareNode();
        shop.apply("redis-a");
        shop.awaitCondition("Ready");
        shop.awaitCondition("Converged");
        for (Pod operator : shop.operators()) {
            node.iptables(
                    shop.relays().get(0),
                    "-I INPUT -p tcp --dport 15990 -j DROP -s "
                            .concat(operator.getStatus().getPodIP())
                            .split(" "));
        }

        shop.apply("redis-b");
        await().atMost(ClusterNamespace.TO_CONVERGE)
                .until(() -> ClusterNamespace.whoAnswers(shop.service()), "redis-b"::equals);
        await().pollInterval(1, TimeUnit.SECONDS).atMost(Duration.ofSeconds(45)).until(() -> shop.condition("Converged")
                .equals("Unknown Unacknowledged"));
        assertThat(shop.message("Converged"))
                .contains(shop.relays().get(0).getMetadata().getName())
                .contains("port 15990")
                .contains("NetworkPolicy");
        await().atMost(Duration.ofSeconds(10)).until(() -> shop.events().contains("Stalled"));
        assertThat(shop.condition("Ready")).as("the kubelet's probes pass").isEqualTo("True RelaysReady");
    }

    private String phase(String pod) {
        PodStatus status = shop.kubernetes
                .pods()
                .inNamespace(shop.namespace)
                .withName(pod)
                .get()
                .getStatus();
        return status.getPhase();
    }

    private static String figures(List<Long> millis, long connects) {
        List<Long> sorted = millis.stream().sorted().toList();
        return String.format(
                Locale.ROOT,
                "e2e.retargets: %d, ms from the end of kubectl apply to the first answer of the new target:"
                        + " median %d, p99 %d, max %d; 0 of %d connects failed",
                sorted.size(),
                sorted.get(sorted.size() / 2),
                sorted.get((int) Math.ceil(sorted.size() * 0.99) - 1),
                sorted.get(sorted.size() - 1),
                connects);
    }
}
