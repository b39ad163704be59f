package link.ambassador.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.PodResource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** That the cluster's kubelet refreshes what the downward API mounts when a pod's annotation changed, and not in its own time. */
@Isolated("measures a delay")
class AnnotationDelayE2E {
    private final KubernetesClient kubernetes = new KubernetesClientBuilder().build();
    private final String namespace = "annotation-e2e-" + Long.toString(System.nanoTime(), 36);

    @BeforeEach
    void namespace() {
        Namespaces.applyForPods(kubernetes, namespace, Namespaces.enforcing("restricted"));
    }

    @AfterEach
    void noNamespace() {
        kubernetes.namespaces().withName(namespace).delete();
        kubernetes.close();
    }

    @Test
    void anAnnotationReachesItsFileInUnderASecond() {
        kubernetes
                .resource(
                        """
                        apiVersion: v1
                        kind: Pod
                        metadata: {name: watcher}
                        spec:
                          terminationGracePeriodSeconds: 0
                          containers:
                          - name: watcher
                            image: localhost/amb-tools:test
                            command: [amb-pod, watch, /links/table]
                            volumeMounts: [{name: links, mountPath: /links}]
                            securityContext:
                              runAsNonRoot: true
                              allowPrivilegeEscalation: false
                              capabilities: {drop: [ALL]}
                              seccompProfile: {type: RuntimeDefault}
                          volumes:
                          - name: links
                            downwardAPI:
                              items:
                              - path: table
                                fieldRef: {fieldPath: "metadata.annotations['amb-test/table']"}
                        """)
                .inNamespace(namespace)
                .create();
        PodResource watcher = kubernetes.pods().inNamespace(namespace).withName("watcher");
        watcher.waitUntilReady(30, TimeUnit.SECONDS);

        List<Long> delays = new ArrayList<>();
        for (String table : List.of("first", "second", "third", "fourth", "fifth")) {
            watcher.patch(
                    PatchContext.of(PatchType.JSON_MERGE),
                    "{\"metadata\": {\"annotations\": {\"amb-test/table\": \"" + table + "\"}}}");
            long patched = System.currentTimeMillis();
            String log = await().pollInterval(100, TimeUnit.MILLISECONDS)
                    .until(watcher::getLog, lines -> lines.contains(" " + table + "\n"));
            String seen = log.lines()
                    .filter(line -> line.endsWith(" " + table))
                    .findFirst()
                    .orElseThrow();
            delays.add(Long.parseLong(seen.split(" ", 2)[0]) - patched);
        }
        // The median, because a busy machine may well hold back one.
        assertThat(delays.stream().sorted().toList().get(2))
                .as("median of the milliseconds from patch to file: %s", delays)
                .isLessThan(1000);
    }
}
