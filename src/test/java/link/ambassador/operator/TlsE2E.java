package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import link.ambassador.ConcurrentTest;
import link.ambassador.config.Trust;
import link.ambassador.kubernetes.Kubectl;
import link.ambassador.kubernetes.Namespaces;
import link.ambassador.relay.tls.TestAuthority;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two gateways in two namespaces, as in two clusters: plain Redis on either side, and mutual TLS between. And what the pages say of it. */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class TlsE2E {
    private static final Path EXAMPLE = Path.of("kubernetes/examples/08-mutual-tls.yaml");
    private static final String EXAMPLE_FAR = "far-tls";

    /** The image of the example, and the one that the tests' cluster has: there is no registry to pull from. */
    private static final String PULLED_REDIS = "redis:8-alpine";

    private static final String LOCAL_REDIS = "localhost/amb-redis:test";
    private static final String KEY = "captured-key-of-a-consumer";
    private static final String VALUE = "captured-value-of-a-consumer";

    /** How a record of TLS with bytes of a program begins. */
    private static final String RECORD = "\u0017\u0003\u0003";

    private final TestAuthority authority = new TestAuthority("both");
    private KubernetesClient kubernetes;
    private ClusterNamespace near;
    private String far;

    @TempDir
    private Path directory;

    @BeforeEach
    void cluster() {
        kubernetes = new KubernetesClientBuilder().build();
    }

    @AfterEach
    void noNamespaces() {
        if (near != null) {
            kubernetes.namespaces().withName(far).delete();
            near.close();
        }
        kubernetes.close();
    }

    private void openNamespaces() throws Exception {
        near = new ClusterNamespace();
        far = near.namespace + "-far";
        Namespaces.applyForPods(kubernetes, far, Namespaces.enforcing("restricted"));
    }

    @ConcurrentTest
    void aConsumerThatSpeaksPlainRedisReachesARedisBehindMutualTls() throws Exception {
        openNamespaces();
        trust(near.namespace, authority);
        trust(far, authority);
        certificate(near.namespace, "near", authority.leaf("near.example.com"));
        certificate(far, "far", authority.leaf("far.example.com"));
        apply(
                """
                apiVersion: ambassador.link/v1alpha1
                kind: Ambassador
                metadata: {name: redis, namespace: %2$s}
                spec:
                  links:
                  - listen: 6379
                    targets: [{host: redis-a.%1$s, port: 6379}]
                    downstreamTLS:
                      certificateRef: {name: far}
                      clientValidation:
                        caCertificateRefs: [{kind: ConfigMap, name: authority}]
                        subjectAltNames: [{type: Hostname, hostname: near.example.com}]
                ---
                apiVersion: ambassador.link/v1alpha1
                kind: Ambassador
                metadata: {name: cache, namespace: %1$s}
                spec:
                  links:
                  - listen: 6379
                    targets: [{host: redis.%2$s, port: 6379}]
                    upstreamTLS:
                      mode: ClientAndServer
                      validation:
                        caCertificateRefs: [{kind: ConfigMap, name: authority}]
                        hostname: far.example.com
                      clientCertificateRef: {name: near}
                """
                        .formatted(near.namespace, far));
        for (String condition : List.of("ResolvedRefs", "Ready", "Converged")) {
            near.awaitCondition(condition);
            near.kubectl("wait", "--namespace=" + far, "--for=condition=" + condition, "amb/redis", "--timeout=55s");
        }

        InetSocketAddress consumers = near.service();
        await().atMost(ClusterNamespace.TO_START)
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> ClusterNamespace.whoAnswers(consumers), "redis-a"::equals);
        assertThat(near.kubectl("get", "amb", "cache")).contains("redis." + far + ":6379 (TLS)");
        assertThatThrownBy(() -> ClusterNamespace.whoAnswers(plainly()))
                .as("clear text to the far gateway")
                .isInstanceOf(IOException.class);

        nothingInClearTextPassesBetweenTheGateways(consumers);
        renewedSecretsReachTheGatewaysUnderLoad(consumers);

        trust(near.namespace, new TestAuthority("another"));
        await().atMost(ClusterNamespace.TO_START)
                .ignoreExceptionsInstanceOf(IOException.class)
                .untilAsserted(() -> {
                    assertThatThrownBy(() -> ClusterNamespace.whoAnswers(consumers))
                            .isInstanceOf(IOException.class);
                    assertThat(near.message("TargetReachable"))
                            .contains("which comes from no authority that the link trusts");
                });
        trust(near.namespace, authority);
        await().atMost(ClusterNamespace.TO_START)
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> ClusterNamespace.whoAnswers(consumers), "redis-a"::equals);
    }

    private void nothingInClearTextPassesBetweenTheGateways(InetSocketAddress consumers) throws Exception {
        if (!Capture.isPossible()) {
            return;
        }
        String nearPods = hosts(near.relays());
        String farPods = hosts(farRelays());
        try (Capture between = Capture.start(directory.resolve("between.pcap"), nearPods + " and " + farPods);
                Capture before = Capture.start(directory.resolve("before.pcap"), nearPods + " and not " + farPods);
                Capture behind = Capture.start(directory.resolve("behind.pcap"), farPods + " and not " + nearPods)) {
            assertThat(redis(consumers, "SET " + KEY + " " + VALUE)).isEqualTo("+OK");
            assertThat(redis(consumers, "GET " + KEY)).isEqualTo("$" + VALUE.length());
            await().untilAsserted(() -> assertThat(before.packets()).contains(KEY, VALUE));
            await().untilAsserted(() -> assertThat(behind.packets()).contains(KEY, VALUE));
            await().untilAsserted(() -> assertThat(between.packets()).contains(RECORD));
            assertThat(between.end()).doesNotContain(KEY, VALUE);
        }
    }

    private static String hosts(List<Pod> pods) {
        return pods.stream()
                .map(pod -> "host " + pod.getStatus().getPodIP())
                .collect(Collectors.joining(" or ", "(", ")"));
    }

    /** The first line of an answer. */
    private static String redis(InetSocketAddress address, String command) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(address, (int) ClusterNamespace.PATIENCE.toMillis());
            socket.setSoTimeout((int) ClusterNamespace.PATIENCE.toMillis());
            socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine();
        }
    }

    private void renewedSecretsReachTheGatewaysUnderLoad(InetSocketAddress consumers) throws Exception {
        List<String> identities = near.identities();
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        Instant nearEnd = now.plus(2, ChronoUnit.DAYS);
        Instant farEnd = now.plus(3, ChronoUnit.DAYS);
        ServiceLoad load = new ServiceLoad(consumers);
        try (load) {
            certificate(
                    near.namespace, "near", authority.leaf(now, Duration.between(now, nearEnd), "near.example.com"));
            certificate(far, "far", authority.leaf(now, Duration.between(now, farEnd), "far.example.com"));
            await().atMost(ClusterNamespace.TO_START)
                    .pollInterval(Duration.ofSeconds(2))
                    .ignoreExceptions()
                    .untilAsserted(() -> {
                        // The kubelet would look by itself within a minute or two.
                        for (String namespace : List.of(near.namespace, far)) {
                            near.kubectl(
                                    "annotate",
                                    "pods",
                                    "--all",
                                    "--overwrite",
                                    "--namespace=" + namespace,
                                    "renewed=" + System.nanoTime());
                        }
                        assertThat(near.relays()).allSatisfy(pod -> {
                            JsonNode links = links(pod);
                            assertThat(end(links.at("/certificates/0"))).isEqualTo(nearEnd);
                            assertThat(end(links.at("/links/0/targets/0/tls"))).isEqualTo(farEnd);
                        });
                    });
            long connects = load.connects();
            await().until(() -> load.connects() > connects + 50);
        }
        assertThat(load.failures()).isEmpty();
        assertThat(near.identities()).isEqualTo(identities);
        System.out.println("renewed Secrets under load: " + load.connects() + " connects, none failed");
    }

    private static Instant end(JsonNode certificate) {
        return Instant.parse(certificate.path("notAfter").asText());
    }

    /** What the relay of a gateway's pod answers at its admin port. */
    private static JsonNode links(Pod pod) throws IOException {
        try (InputStream answer = new URL("http://" + pod.getStatus().getPodIP() + ":15990/links").openStream()) {
            return Serialization.unmarshal(answer, JsonNode.class);
        }
    }

    private List<Pod> farRelays() {
        return kubernetes
                .pods()
                .inNamespace(far)
                .withLabel("ambassador.link/gateway", "redis")
                .list()
                .getItems();
    }

    /** Its first lines make the certificates; the last of them asks. */
    @ConcurrentTest
    void theExampleDoesWhatItPromises() throws Exception {
        String namespace = "secure-" + Long.toString(System.nanoTime(), 36);
        Kubectl kubectl = new Kubectl(kubernetes, namespace, directory);
        Path here = Files.createDirectory(directory.resolve("example"));
        Installation.onCluster(kubectl);
        kubectl.run("", "delete", "namespace", EXAMPLE_FAR, "--ignore-not-found", "--timeout=60s")
                .succeeded();
        try {
            kubectl.run("", "create", "namespace", namespace).succeeded();
            List<String> commands = Files.readAllLines(EXAMPLE).stream()
                    .filter(line -> line.startsWith("#   "))
                    .map(line -> line.substring(4))
                    .toList();
            int ask = commands.size() - 1;
            kubectl.shell(here, String.join("\n", commands.subList(0, ask))).succeeded();

            String example = Files.readString(EXAMPLE);
            assertThat(example).contains(PULLED_REDIS);
            kubectl.run(example.replace(PULLED_REDIS, LOCAL_REDIS), "apply", "-f", "-")
                    .succeeded();
            for (String condition : List.of("ResolvedRefs", "Ready", "Converged")) {
                kubectl.run("", "wait", "--for=condition=" + condition, "amb/secure-redis", "--timeout=55s")
                        .succeeded();
                kubectl.run("", "wait", "-n", EXAMPLE_FAR, "--for=condition=" + condition, "amb/redis", "--timeout=55s")
                        .succeeded();
            }
            kubectl.run("", "wait", "-n", EXAMPLE_FAR, "--for=condition=Ready", "pod/redis-far", "--timeout=60s")
                    .succeeded();

            String asked = commands.get(ask).replace(PULLED_REDIS, LOCAL_REDIS);
            assertThat(asked).startsWith("kubectl run ask");
            // kubectl may come too late to a pod that is quick, and then shows nothing of it.
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> kubectl.shell(here, asked).output().contains("redis-far"));
        } finally {
            kubectl.run("", "delete", "namespace", namespace, EXAMPLE_FAR, "--ignore-not-found", "--wait=false");
        }
    }

    /** On this machine and not in pods: two relays and a Redis on loopback. */
    @ConcurrentTest
    void theCommandsOfThePageDoWhatTheyPromise() throws Exception {
        Path here = Files.createDirectory(directory.resolve("page"));
        Files.createSymbolicLink(here.resolve("target"), Path.of("target").toAbsolutePath());
        String page = Files.readString(Path.of("docs/tls.md"));
        int begin = page.indexOf("```bash\n") + "```bash\n".length();

        String output = new Kubectl(kubernetes, "default", directory)
                .shell(here, page.substring(begin, page.indexOf("```\n", begin)))
                .succeeded()
                .output();

        assertThat(output).contains("PONG", "\"peer\":\"far.example.com\"", "\"version\":\"TLSv1.3\"");
    }

    private InetSocketAddress plainly() throws IOException {
        String address = kubernetes
                .services()
                .inNamespace(far)
                .withName("redis")
                .get()
                .getSpec()
                .getClusterIP();
        return new InetSocketAddress(InetAddress.getByName(address), 6379);
    }

    private void trust(String namespace, TestAuthority trusted) throws IOException, InterruptedException {
        Path file = Files.writeString(
                directory.resolve("ca.crt"),
                ((Trust.Bundles) trusted.trust()).bundles().get(0).pem());
        apply(near.kubectl(
                "create",
                "configmap",
                "authority",
                "--namespace=" + namespace,
                "--from-file=ca.crt=" + file,
                "--dry-run=client",
                "--output=yaml"));
    }

    private void certificate(String namespace, String name, TestAuthority.Leaf leaf)
            throws IOException, InterruptedException {
        Path pair = directory.resolve(name);
        leaf.write(pair);
        apply(near.kubectl(
                "create",
                "secret",
                "tls",
                name,
                "--namespace=" + namespace,
                "--cert=" + pair.resolve("tls.crt"),
                "--key=" + pair.resolve("tls.key"),
                "--dry-run=client",
                "--output=yaml"));
    }

    private void apply(String yaml) throws IOException, InterruptedException {
        near.kubectl.run(yaml, "apply", "-f", "-").succeeded();
    }
}
