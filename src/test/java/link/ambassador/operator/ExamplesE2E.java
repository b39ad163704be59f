package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import link.ambassador.kubernetes.Kubectl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** {@code kubernetes/examples}: each is applied, and does what its first lines promise. */
@Isolated("its pods do not require their relays, and the webhook of a busy machine misses some")
class ExamplesE2E {
    private static final Path EXAMPLES = Path.of("kubernetes/examples");
    private static final String NAMESPACE = "examples";

    /** Its user makes them first, as {@link TlsE2E} does. */
    private static final String NEEDS_CERTIFICATES = "08-mutual-tls.yaml";

    @TempDir
    private Path directory;

    private final Set<String> applied = new TreeSet<>();
    private KubernetesClient kubernetes;
    private Kubectl kubectl;

    @BeforeEach
    void namespace() throws Exception {
        kubernetes = new KubernetesClientBuilder().build();
        kubectl = new Kubectl(kubernetes, NAMESPACE, directory);
        Files.copy(
                Path.of("src/test/cluster/examples/kustomization.yaml"),
                Files.createDirectory(directory.resolve("example")).resolve("kustomization.yaml"));
        Installation.onCluster(kubectl);
        run("create", "namespace", NAMESPACE);
    }

    @AfterEach
    void noNamespace() throws Exception {
        run("delete", "namespace", "far", NAMESPACE, "--ignore-not-found", "--wait=false");
        kubernetes.close();
    }

    /** In one namespace and in their order, but that pods start while others are looked at. */
    @Test
    void eachDoesWhatItPromises() throws Exception {
        apply("00-two-redis");
        apply("01-smallest-gateway");
        apply("02-sidecar");
        apply("04-database-outside");
        apply("07-two-hosts");
        run("wait", "--for=condition=Ready", "pod/redis-a", "pod/redis-b", "amb/redis", "--timeout=90s");
        assertThat(whoAnswers("redis", 6379)).isEqualTo("redis-a");
        apply("05-docker-link-variables");
        apply("06-job");

        try (Socket open = new Socket()) {
            open.connect(service("redis", 6379), 5_000);
            open.setSoTimeout((int) ClusterNamespace.TO_CONVERGE.toMillis());
            assertThat(ClusterNamespace.ask(open)).isEqualTo("redis-a");
            String pods = relays();

            apply("03-retarget-with-drain");
            run("wait", "--for=condition=Converged", "amb/redis", "--timeout=55s");
            assertThat(whoAnswers("redis", 6379)).isEqualTo("redis-b");
            assertThat(open.getInputStream().read()).as("an end, no reset").isEqualTo(-1);
            assertThat(relays()).isEqualTo(pods);
        }

        run("wait", "--for=condition=Complete", "job/visits", "--timeout=90s");
        assertThat(run("logs", "job/visits").strip()).isEqualTo("1");

        run("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/legacy", "--timeout=90s");
        assertThat(run("logs", "legacy").lines())
                .hasSize(2)
                .startsWith("tcp://" + service("redis", 6379).getAddress().getHostAddress() + ":6379");

        sidecar();
        databaseOutside();

        run("wait", "--for=condition=Ready", "amb/far-redis", "--timeout=55s");
        run("wait", "--for=condition=Ready", "amb/redis", "pod/redis-far", "-n", "far", "--timeout=90s");
        await().atMost(ClusterNamespace.TO_START)
                .ignoreExceptions()
                .until(() -> whoAnswers("far-redis", 6379), "redis-far"::equals);

        failover();

        assertThat(applied).isEqualTo(examples());
    }

    private void sidecar() throws Exception {
        run("wait", "--for=condition=Ready", "amb/cache", "--timeout=90s");
        await().atMost(ClusterNamespace.TO_CONVERGE).until(this::latestOfWeb, "redis-a"::equals);
        String pods = run("get", "pods", "-l=app=web", "-o=jsonpath={.items[*].metadata.uid}");
        run(
                "patch",
                "amb",
                "cache",
                "--type=json",
                "-p=[{\"op\": \"replace\", \"path\": \"/spec/links/0/targets/0/host\", \"value\": \"redis-b\"}]");
        await().atMost(ClusterNamespace.TO_CONVERGE).until(this::latestOfWeb, "redis-b"::equals);
        assertThat(run("get", "pods", "-l=app=web", "-o=jsonpath={.items[*].metadata.uid}"))
                .isEqualTo(pods);
    }

    private String latestOfWeb() throws IOException, InterruptedException {
        return run("logs", "deployment/web", "-c", "web", "--tail=1").strip();
    }

    /** An address stands for the host that its user puts in. */
    private void databaseOutside() throws Exception {
        run("wait", "--for=condition=Ready", "amb/orders-db", "--timeout=55s");
        assertThatThrownBy(() -> whoAnswers("orders-db", 5432)).isInstanceOf(IOException.class);

        String outside = run("get", "pod", "redis-b", "-o=jsonpath={.status.podIP}");
        run(
                "patch",
                "amb",
                "orders-db",
                "--type=json",
                "-p=[{'op': 'replace', 'path': '/spec/links/0/targets/1', 'value': {'host': '%s', 'port': 6379}}]"
                        .formatted(outside)
                        .replace('\'', '"'));
        run("wait", "--for=condition=Converged", "amb/orders-db", "--timeout=55s");
        assertThat(whoAnswers("orders-db", 5432)).as("of the second target").isEqualTo("redis-b");
    }

    private void failover() throws Exception {
        apply("09-failover");
        run("wait", "--for=condition=Ready", "amb/redis-pair", "--timeout=55s");
        await().atMost(ClusterNamespace.TO_CONVERGE)
                .ignoreExceptions()
                .until(() -> whoAnswers("redis-pair", 6379), "redis-a"::equals);

        // Of nothing that answers: as a replica of redis-b it would say that it is that one.
        run("exec", "redis-a", "--", "redis-cli", "replicaof", "127.0.0.1", "1");
        await().atMost(ClusterNamespace.TO_CONVERGE)
                .ignoreExceptions()
                .until(() -> whoAnswers("redis-pair", 6379), "redis-b"::equals);
    }

    private void apply(String example) throws IOException, InterruptedException {
        Path file = EXAMPLES.resolve(example + ".yaml");
        Files.copy(file, directory.resolve("example/example.yaml"), StandardCopyOption.REPLACE_EXISTING);
        run("apply", "-k", directory.resolve("example").toString());
        applied.add(file.getFileName().toString());
    }

    private static Set<String> examples() throws IOException {
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".yaml") && !name.equals(NEEDS_CERTIFICATES))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private String relays() throws IOException, InterruptedException {
        return run("get", "pods", "-l=ambassador.link/gateway=redis", "-o=jsonpath={.items[*].metadata.uid}");
    }

    private String whoAnswers(String service, int port) throws IOException {
        return ClusterNamespace.whoAnswers(service(service, port));
    }

    private InetSocketAddress service(String name, int port) {
        return new InetSocketAddress(
                kubernetes
                        .services()
                        .inNamespace(NAMESPACE)
                        .withName(name)
                        .get()
                        .getSpec()
                        .getClusterIP(),
                port);
    }

    private String run(String... arguments) throws IOException, InterruptedException {
        return kubectl.run("", arguments).succeeded().output();
    }
}
