package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import link.ambassador.config.Trust;
import link.ambassador.kubernetes.Namespaces;
import link.ambassador.relay.tls.TestAuthority;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two gateways in two namespaces, as in two clusters: plain Redis on either side, and mutual TLS between. */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class TlsE2E {
    private final TestAuthority authority = new TestAuthority("both");
    private ClusterNamespace near;
    private String far;

    @TempDir
    private Path directory;

    @BeforeEach
    void namespaces() throws Exception {
        near = new ClusterNamespace();
        far = near.namespace + "-far";
        Namespaces.applyForPods(near.kubernetes, far, Namespaces.enforcing("restricted"));
    }

    @AfterEach
    void noNamespaces() {
        near.kubernetes.namespaces().withName(far).delete();
        near.close();
    }

    @Test
    void aConsumerThatSpeaksPlainRedisReachesARedisBehindMutualTls() throws Exception {
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

    private InetSocketAddress plainly() throws IOException {
        String address = near.kubernetes
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
        near.kubectl(
                "create",
                "secret",
                "tls",
                name,
                "--namespace=" + namespace,
                "--cert=" + pair.resolve("tls.crt"),
                "--key=" + pair.resolve("tls.key"));
    }

    private void apply(String yaml) throws IOException, InterruptedException {
        near.kubectl.run(yaml, "apply", "-f", "-").succeeded();
    }
}
