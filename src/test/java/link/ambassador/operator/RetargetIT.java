package link.ambassador.operator;

import static link.ambassador.operator.GatewayNamespace.link;
import static link.ambassador.operator.GatewayNamespace.manifest;
import static link.ambassador.operator.GatewayNamespace.message;
import static link.ambassador.operator.GatewayNamespace.reason;
import static link.ambassador.operator.GatewayNamespace.redis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import link.ambassador.ConcurrentTest;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.kubernetes.Kubectl;
import link.ambassador.operator.FakeKubelet.GatewayPod;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What an edit does to running relays, and what the operator reports about it. */
@ExtendWith({GatewayTestExtension.class, RunningOperator.class})
@SuppressWarnings("try") // What runs, or watches, while a block does.
class RetargetIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration HELD = Duration.ofSeconds(3);

    @ConcurrentTest
    void anEditOfReplicasNudgesNobody(GatewayNamespace namespace, FakeKubelet kubelet) throws IOException {
        String one = redis("redis", "redis-a");
        namespace.applied(one);
        GatewayPod pod = kubelet.run("redis");
        AmbassadorStatus before = namespace.await("redis", "Converged", "Acknowledged");
        String podVersion = namespace.version(Pod.class, pod.name());

        namespace.applied(one + "  placement: {gateway: {replicas: 3}}\n");
        AmbassadorStatus after = namespace.awaitStatus("redis", status -> status.conditions().stream()
                .allMatch(condition -> condition.getObservedGeneration() == 2));

        assertThat(after.revision()).isEqualTo(before.revision());
        assertThat(after.lastRetarget()).isNull();
        assertThat(reason(after, "Converged")).isEqualTo("Acknowledged");
        assertThat(namespace.objects("redis"))
                .extracting("kind")
                .containsExactly("Service", "ConfigMap", "Deployment", "PodDisruptionBudget");
        assertThat(namespace.version(Pod.class, pod.name())).isEqualTo(podVersion);
    }

    @ConcurrentTest
    void waitingForConvergedRightAfterAnEditWaitsForTheEdit(
            KubernetesClient kubernetes, GatewayNamespace namespace, FakeKubelet kubelet, @TempDir Path directory)
            throws Exception {
        Kubectl kubectl = new Kubectl(kubernetes, namespace.name(), directory);
        namespace.applied(redis("redis", "redis-a"));
        GatewayPod pod = kubelet.run("redis");
        namespace.await("redis", "Converged", "Acknowledged");
        pod.hold();

        namespace.apply(redis("redis", "redis-b"));
        CompletableFuture<Kubectl.Result> waiting = CompletableFuture.supplyAsync(() -> {
            try {
                return kubectl.run("", "wait", "--for=condition=Converged", "--timeout=60s", "amb/redis");
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });

        await("kubectl waits while the relay has not the table")
                .during(HELD)
                .atMost(HELD.plusSeconds(1))
                .until(() -> !waiting.isDone());
        pod.release();
        assertThat(waiting.get(60, TimeUnit.SECONDS).succeeded().output()).contains("condition met");
        assertThat(pod.table()).contains("redis-b");
    }

    @ConcurrentTest
    void aRetargetIsToldInOrder(GatewayNamespace namespace, FakeKubelet kubelet) throws IOException {
        namespace.applied(redis("redis", "redis-a"));
        kubelet.run("redis");
        kubelet.run("redis");
        namespace.awaitStatus("redis", status -> status.relays().converged() == 2);
        await().atMost(GatewayNamespace.SOON)
                .untilAsserted(() -> assertThat(namespace.events("redis")).containsOnly("Converged"));
        int before = namespace.events("redis").size();

        namespace.apply(redis("redis", "redis-b"));
        AmbassadorStatus status = namespace.awaitStatus(
                "redis", now -> now.lastRetarget() != null && now.lastRetarget().convergedAt() != null);

        assertThat(status.lastRetarget()).satisfies(retarget -> {
            assertThat(retarget.from()).isEqualTo("6379 -> redis-a:6379");
            assertThat(retarget.to()).isEqualTo("6379 -> redis-b:6379");
            assertThat(retarget.revision()).isEqualTo(status.revision());
            assertThat(Instant.parse(retarget.convergedAt())).isAfterOrEqualTo(Instant.parse(retarget.startedAt()));
        });
        assertThat(status.summary().relays()).isEqualTo("2/2");
        assertThat(namespace
                        .events("redis")
                        .subList(before, namespace.events("redis").size()))
                .containsExactly("RetargetStarted", "Converged");
        assertThat(namespace.eventMessages("redis", "RetargetStarted"))
                .singleElement()
                .asString()
                .contains("redis-a:6379", "redis-b:6379", status.revision());
    }

    @ConcurrentTest
    void aPodThatComesLaterFlipsNothing(GatewayNamespace namespace, FakeKubelet kubelet) throws IOException {
        namespace.applied(redis("redis", "redis-a"));
        kubelet.run("redis");
        namespace.await("redis", "Converged", "Acknowledged");
        List<String> seen = new CopyOnWriteArrayList<>();

        try (Watch watch = watch(namespace, "redis", seen)) {
            kubelet.runSilent("redis");
            namespace.awaitStatus("redis", status -> status.relays().unknown() == 1);
            kubelet.run("redis");
            namespace.awaitStatus("redis", status -> status.relays().converged() == 2);
        }

        assertThat(seen).isNotEmpty().containsOnly("Acknowledged");
        assertThat(namespace.events("redis")).containsExactly("Converged");
    }

    @ConcurrentTest
    void aBurstOfEditsIsNotABurstOfStatusWrites(GatewayNamespace namespace, FakeKubelet kubelet) throws IOException {
        namespace.applied(redis("redis", "redis-0"));
        GatewayPod pod = kubelet.run("redis");
        namespace.await("redis", "Converged", "Acknowledged");
        List<String> writes = new CopyOnWriteArrayList<>();

        Instant start = Instant.now();
        try (Watch watch = watch(namespace, "redis", writes)) {
            for (int edit = 1; edit <= 20; edit++) {
                namespace.apply(redis("redis", "redis-" + edit));
            }
            namespace.awaitStatus(
                    "redis",
                    status -> status.observedGeneration() == 21
                            && reason(status, "Converged").equals("Acknowledged"));
        }

        assertThat(pod.table()).contains("\"redis-20\"");
        long seconds = Duration.between(start, Instant.now()).toSeconds();
        // One at once, and one for each second that began.
        assertThat((long) writes.size()).isBetween(1L, seconds + 2);
    }

    @ConcurrentTest
    void aRelayThatRefusesTheTableIsToldWithItsSentence(GatewayNamespace namespace, FakeKubelet kubelet)
            throws IOException {
        namespace.applied(redis("redis", "redis-a"));
        GatewayPod pod = kubelet.run("redis");
        namespace.await("redis", "Converged", "Acknowledged");
        pod.overwrite("{\"links\": [{\"alias\": \"redis\", \"listen\": 99999, \"targets\": []}]}");

        namespace.apply(redis("redis", "redis-b"));
        AmbassadorStatus status = namespace.await("redis", "Converged", "RelayInError");

        assertThat(message(status, "Converged")).contains(pod.name(), "rejected the table", "listen");
        assertThat(status.laggards()).singleElement().satisfies(laggard -> {
            assertThat(laggard.pod()).isEqualTo(pod.name());
            assertThat(laggard.reason()).contains("listen");
        });
        assertThat(namespace.eventMessages("redis", "Stalled"))
                .singleElement()
                .asString()
                .contains(pod.name());

        pod.release();
        namespace.await("redis", "Converged", "Acknowledged");
        assertThat(namespace.events("redis")).endsWith("RetargetStarted", "Stalled", "Converged");
    }

    @ConcurrentTest
    void aPortThatIsTakenInThePodIsToldAndTriedAgain(GatewayNamespace namespace, FakeKubelet kubelet)
            throws IOException {
        namespace.applied(redis("redis", "redis-a"));
        GatewayPod pod = kubelet.run("redis");
        namespace.await("redis", "Converged", "Acknowledged");

        try (ServerSocket taken = new ServerSocket(6380, 1, InetAddress.getByName(pod.address()))) {
            namespace.apply(manifest("redis", "links: [" + link(6379, "redis-a") + ", " + link(6380, "redis-b") + "]"));
            AmbassadorStatus status = namespace.await("redis", "Converged", "RelayInError");
            assertThat(message(status, "Converged"))
                    .contains(pod.name(), Integer.toString(taken.getLocalPort()), "in use");
        }
        namespace.await("redis", "Converged", "Acknowledged");
    }

    @ConcurrentTest
    void whoStaysBehindIsStalledAndWhoIsSilentIsUnacknowledged(GatewayNamespace namespace, FakeKubelet kubelet)
            throws IOException {
        namespace.applied(redis("behind", "redis-a"));
        namespace.applied(redis("silent", "redis-a"));
        GatewayPod behind = kubelet.run("behind");
        kubelet.run("silent");
        String old = namespace.await("behind", "Converged", "Acknowledged").revision();
        namespace.await("silent", "Converged", "Acknowledged");
        GatewayPod silent = kubelet.runSilent("silent");
        namespace.awaitStatus("silent", status -> status.relays().unknown() == 1);
        behind.hold();

        namespace.apply(redis("behind", "redis-b"));
        namespace.apply(redis("silent", "redis-b"));
        assertThat(reason(namespace.awaitStatus("behind", status -> status.observedGeneration() == 2), "Converged"))
                .isEqualTo("Propagating");
        AmbassadorStatus stalled = await().atMost(PATIENCE.plus(GatewayNamespace.SOON))
                .until(() -> namespace.status("behind"), status -> reason(status, "Converged")
                        .equals("Stalled"));
        AmbassadorStatus unacknowledged = namespace.await("silent", "Converged", "Unacknowledged");

        assertThat(message(stalled, "Converged")).contains("0 of 1", behind.name(), "serves revision " + old);
        assertThat(message(unacknowledged, "Converged")).contains("1 of 2", silent.name(), "15990", "NetworkPolicy");
        assertThat(unacknowledged.summary().relays()).isEqualTo("1/2");
        assertThat(namespace.eventMessages("behind", "Stalled"))
                .singleElement()
                .asString()
                .contains(behind.name());
        assertThat(namespace.eventMessages("silent", "Stalled"))
                .singleElement()
                .asString()
                .contains(silent.name());

        behind.release();
        silent.delete();
        namespace.await("behind", "Converged", "Acknowledged");
        namespace.await("silent", "Converged", "Acknowledged");
    }

    @ConcurrentTest
    void aLinkThatComesOrGoesIsARetargetToo(GatewayNamespace namespace, FakeKubelet kubelet) throws IOException {
        namespace.applied(redis("redis", "redis-a"));
        kubelet.run("redis");
        namespace.await("redis", "Converged", "Acknowledged");

        namespace.applied(manifest("redis", "links: [" + link(6379, "redis-a") + ", " + link(6380, "redis-b") + "]"));
        AmbassadorStatus status = namespace.await("redis", "Converged", "Acknowledged");

        assertThat(status.summary().listen()).isEqualTo("6379,6380");
        assertThat(status.lastRetarget().from()).isEmpty();
        assertThat(status.lastRetarget().to()).isEqualTo("6380 -> redis-b:6380");
    }

    /** Notes the reason of Converged at each write of the status. */
    private static Watch watch(GatewayNamespace namespace, String name, List<String> writes) {
        return namespace.watch(name, new Watcher<>() {
            private AmbassadorStatus last;

            @Override
            public void eventReceived(Action action, Ambassador ambassador) {
                AmbassadorStatus status = ambassador.getStatus();
                if (action == Action.MODIFIED && !status.equals(last)) {
                    writes.add(reason(status, "Converged"));
                }
                last = status;
            }

            @Override
            public void onClose(WatcherException cause) {}
        });
    }
}
