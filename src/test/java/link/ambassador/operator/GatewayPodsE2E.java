package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import link.ambassador.ConcurrentTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What relays are inside their pods. */
class GatewayPodsE2E {
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
    void podsRunAsPromised() throws Exception {
        shop.apply("redis-a");
        shop.awaitCondition("Ready");
        shop.awaitCondition("Converged");
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
        assertThat(BareNode.read(process.resolve("maps")))
                .as("the native transport is in use, with nothing to write to")
                .contains("netty_transport_native_epoll");
        assertThat(mounts).noneMatch(mount -> mount[1].equals("/tmp"));
        // Local storage would hold it up, and the cluster's autoscaler too.
        shop.kubectl(
                "drain",
                relay.getSpec().getNodeName(),
                "--ignore-daemonsets",
                "--dry-run=server",
                "--pod-selector=ambassador.link/gateway=cache");
        shop.kubectl(
                "drain",
                relay.getSpec().getNodeName(),
                "--ignore-daemonsets",
                "--dry-run=server",
                "--pod-selector=app.kubernetes.io/name=ambassador-operator");
        assertThat(relay.getSpec().getContainers()).singleElement().satisfies(container -> assertThat(
                        container.getPorts())
                .singleElement()
                .satisfies(port -> assertThat(port.getContainerPort()).isEqualTo(15990)));
        System.out.println(shop.kubectl("get", "amb") + shop.kubectl("describe", "amb", "cache"));
    }

    /** As on OpenShift, and as the original was started: by a variable alone. */
    @ConcurrentTest
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
        assertThat(ClusterNamespace.whoAnswers(new InetSocketAddress(address, 6379)))
                .isEqualTo("redis-a");
    }
}
