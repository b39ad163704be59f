package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Gateways in real pods while what made them is changed, deleted and comes back. */
class GatewayInstallE2E {
    private Shop shop;

    @BeforeEach
    void shop() throws Exception {
        shop = new Shop();
        shop.apply("redis-a");
        shop.awaitCondition("Ready");
        shop.awaitCondition("Converged");
    }

    @AfterEach
    void noShop() {
        shop.close();
    }

    @Test
    void podsRunAsPromised() throws Exception {
        Pod relay = shop.relays().get(0);
        Path process = Path.of("/proc", Long.toString(new BareNode().java(relay)));

        assertThat(BareNode.read(process.resolve("status")).lines())
                .contains("Uid:\t10001\t10001\t10001\t10001")
                .contains("NoNewPrivs:\t1")
                .contains("CapBnd:\t0000000000000000");
        assertThat(BareNode.read(process.resolve("maps")))
                .as("the AOT cache is in use")
                .contains("/ambassador/relay.aot");
        assertThat(BareNode.read(process.resolve("maps")))
                .as("nothing was unpacked")
                .doesNotContain("/tmp/");
        List<String[]> mounts = BareNode.read(process.resolve("mounts"))
                .lines()
                .map(mount -> mount.split(" "))
                .toList();
        assertThat(mounts)
                .filteredOn(mount -> mount[1].equals("/"))
                .singleElement()
                .satisfies(root -> assertThat(root[3].split(",")).contains("ro"));
        assertThat(mounts).noneMatch(mount -> mount[1].contains("serviceaccount"));
        assertThat(relay.getSpec().getContainers()).singleElement().satisfies(container -> assertThat(
                        container.getPorts())
                .singleElement()
                .satisfies(port -> assertThat(port.getContainerPort()).isEqualTo(15990)));
        System.out.println(shop.kubectl("get", "amb") + shop.kubectl("describe", "amb", "cache"));
    }

    /** As on OpenShift, and as the original was started: by a variable alone. */
    @Test
    void theImageRunsAsAnyUserAndWritesNothing() throws Exception {
        shop.kubernetes
                .resource(
                        """
                        apiVersion: v1
                        kind: Pod
                        metadata: {name: alone}
                        spec:
                          automountServiceAccountToken: false
                          enableServiceLinks: false
                          securityContext: {runAsNonRoot: true, runAsUser: 1000650000, seccompProfile: {type: RuntimeDefault}}
                          containers:
                          - name: relay
                            image: localhost/amb-ambassador:test
                            env:
                            - {name: REDIS_PORT_6379_TCP, value: "tcp://redis-a:6379"}
                            # It would not start without the native library.
                            - {name: AMBASSADOR_TRANSPORT, value: epoll}
                            readinessProbe: {httpGet: {path: /readyz, port: 15990}, periodSeconds: 1}
                            securityContext:
                              readOnlyRootFilesystem: true
                              allowPrivilegeEscalation: false
                              capabilities: {drop: [ALL]}
                        """)
                .inNamespace(shop.namespace)
                .create();
        shop.kubectl("wait", "--for=condition=Ready", "pod/alone", "--timeout=60s");
        String address = shop.kubectl("get", "pod", "alone", "-o=jsonpath={.status.podIP}");
        assertThat(Shop.whoAnswers(new InetSocketAddress(address, 6379))).isEqualTo("redis-a");
    }

    @Test
    void anotherRelayImageRollsOneGatewayAtATimeAndFailsNoConnect() throws Exception {
        String next = "localhost/amb-ambassador:next";
        new BareNode().tag("localhost/amb-ambassador:test", next);
        List<String> gateways = List.of("cache", "cache-2", "cache-3");
        for (String gateway : gateways) {
            shop.applyAs(gateway, "redis-a");
        }
        shop.kubectl("wait", "--for=condition=Ready", "amb", "--all", "--timeout=55s");
        Map<String, Boolean> rolling = new ConcurrentHashMap<>();
        AtomicInteger most = new AtomicInteger();
        Watch watch = watch(next, rolling, most);
        try (Consumers consumer = new Consumers(shop.service())) {
            shop.kubectl(
                    "set",
                    "env",
                    "deployment/ambassador-operator",
                    "AMBASSADOR_RELAY_IMAGE=" + next,
                    "-n",
                    "ambassador-system");
            await().atMost(Duration.ofMinutes(3))
                    .until(() -> rolling.size() == gateways.size() && !rolling.containsValue(true));
            await().atMost(Shop.TO_START).until(() -> shop.relays().size() == 1);
            assertThat(most).hasValue(1);
            assertThat(consumer.failures())
                    .as("of %d connects", consumer.connects())
                    .isEmpty();
        } finally {
            watch.close();
            shop.kubectl("delete", "amb", "--all");
            shop.install();
        }
    }

    /** @param rolling the Deployments with the next image, and whether they are not through yet */
    private Watch watch(String image, Map<String, Boolean> rolling, AtomicInteger most) {
        return shop.kubernetes.apps().deployments().inNamespace(shop.namespace).watch(new Watcher<>() {
            @Override
            public void eventReceived(Action action, Deployment deployment) {
                boolean next = deployment
                        .getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .get(0)
                        .getImage()
                        .equals(image);
                if (next && action == Action.MODIFIED) {
                    rolling.put(deployment.getMetadata().getName(), !RolloutTurns.isOver(deployment));
                    most.accumulateAndGet(
                            (int) rolling.values().stream().filter(yes -> yes).count(), Math::max);
                }
            }

            @Override
            public void onClose(WatcherException cause) {
                most.set(Integer.MAX_VALUE);
            }
        });
    }

    @Test
    void relaysServeOnWithoutAnOperator() throws Exception {
        shop.apply("redis-b");
        shop.awaitCondition("Converged");
        // What a test before this one installed may just have been replaced, and the relay with it.
        await().atMost(Shop.TO_START).until(() -> shop.relays().size() == 1);
        List<String> before = shop.identities();
        shop.kubectl("delete", "deployment", "ambassador-operator", "-n", "ambassador-system");
        try {
            await().atMost(Shop.TO_START).until(() -> shop.operators().isEmpty());
            assertThat(Shop.whoAnswers(shop.service())).isEqualTo("redis-b");
            assertThat(shop.identities()).isEqualTo(before);

            shop.kubectl("delete", "pod", shop.relays().get(0).getMetadata().getName(), "--wait=false");
            await().atMost(Shop.TO_START)
                    .until(() -> shop.relays().size() == 1 && !shop.identities().equals(before));
            shop.kubectl("wait", "--for=condition=Ready", "pod", "-l", "ambassador.link/gateway", "--timeout=55s");
            assertThat(Shop.whoAnswers(new InetSocketAddress(
                            shop.relays().get(0).getStatus().getPodIP(), 6379)))
                    .isEqualTo("redis-b");
        } catch (AssertionError | Exception failed) {
            shop.install();
            throw failed;
        }

        List<String> alone = shop.identities();
        String deployment = deployment();
        shop.install();
        // It reconciles what it found before what is applied from now on.
        shop.apply("redis-a");
        shop.awaitCondition("Converged");
        assertThat(shop.identities()).isEqualTo(alone);
        assertThat(deployment()).isEqualTo(deployment);
    }

    private String deployment() throws Exception {
        return shop.kubectl("get", "deployment", "cache-ambassador", "-o", "jsonpath={.metadata.resourceVersion}");
    }
}
