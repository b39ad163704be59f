package link.ambassador.kubernetes;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** The picture of two hosts on real pods: a cluster of two nodes with one cable between them ({@code up 2}). */
@Isolated("cuts the cable between the nodes")
class TwoNodesE2E {
    private final KubernetesClient kubernetes = new KubernetesClientBuilder().build();
    private final String namespace = "two-nodes-e2e-" + Long.toString(System.nanoTime(), 36);

    @BeforeEach
    void namespace() {
        assumeTrue(kubernetes.nodes().withName("amb-2").get() != null, "needs a cluster made with -De2e.nodes=2");
        Namespaces.applyForPods(kubernetes, namespace, Map.of());
    }

    @AfterEach
    void noNamespace() {
        kubernetes.namespaces().withName(namespace).delete();
        kubernetes.close();
    }

    @Test
    void aServiceIsReachedAcrossTheCableUntilItIsCut() throws Exception {
        create(
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: redis, labels: {app: redis}}
                spec:
                  nodeName: amb-2
                  terminationGracePeriodSeconds: 0
                  containers: [{name: redis, image: "localhost/amb-redis:test"}]
                """);
        create(
                """
                apiVersion: v1
                kind: Service
                metadata: {name: redis}
                spec: {selector: {app: redis}, ports: [{port: 6379}]}
                """);
        create(
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: client}
                spec:
                  nodeName: amb-1
                  terminationGracePeriodSeconds: 0
                  containers:
                  - name: client
                    image: localhost/amb-redis:test
                    command: [sh, -c, "while sleep 0.2; do timeout 1 redis-cli -h redis ping || echo LOST; done"]
                """);
        lastLineOfClientBecomes("PONG");

        Cable.cut();
        try {
            lastLineOfClientBecomes("LOST");
            await().atMost(Duration.ofSeconds(30)).until(() -> ready("amb-2"), "Unknown"::equals);
        } finally {
            Cable.plug();
        }

        await().atMost(Duration.ofSeconds(30)).until(() -> ready("amb-2"), "True"::equals);
        lastLineOfClientBecomes("PONG");
    }

    private void create(String yaml) {
        kubernetes.resource(yaml).inNamespace(namespace).create();
    }

    private void lastLineOfClientBecomes(String line) {
        await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> kubernetes
                .pods()
                .inNamespace(namespace)
                .withName("client")
                .tailingLines(1)
                .getLog()
                .strip()
                .equals(line));
    }

    private String ready(String node) {
        return kubernetes.nodes().withName(node).get().getStatus().getConditions().stream()
                .filter(condition -> condition.getType().equals("Ready"))
                .findFirst()
                .orElseThrow()
                .getStatus();
    }
}
