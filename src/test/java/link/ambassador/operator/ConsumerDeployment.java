package link.ambassador.operator;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.dsl.LogWatch;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A Deployment of consumers that know nothing of Ambassadors: each asks {@code redis-cli -h cache get who} over and over and
 * prints the answer, or {@code FAILED} and why.
 */
final class ConsumerDeployment {
    static final String FAILED = "FAILED";

    private final ClusterNamespace shop;
    private final String name;

    ConsumerDeployment(ClusterNamespace shop, String name) {
        this.shop = shop;
        this.name = name;
    }

    /**
     * What a user types.
     *
     * @param annotations of the pods, in YAML's flow style
     * @param labels more labels than {@code app}
     */
    void apply(int replicas, String annotations, String labels) throws IOException, InterruptedException {
        String yaml =
                """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: %1$s}
                spec:
                  replicas: %2$d
                  selector: {matchLabels: {app: %1$s}}
                  template:
                    metadata:
                      labels: {app: %1$s, %3$s}
                      annotations: {%4$s}
                    spec:
                      terminationGracePeriodSeconds: 1
                      containers:
                      - name: app
                        image: localhost/amb-redis:test
                        command: [sh, -c]
                        args:
                        - |
                          echo "born with $CACHE_PORT_6379_TCP"
                          while :; do
                            answer=$(redis-cli -h cache get who 2>&1) || answer="FAILED $answer"
                            case $answer in redis-*) ;; *) answer="FAILED $answer" ;; esac
                            echo "$answer"
                            sleep 0.05
                          done
                        securityContext:
                          runAsNonRoot: true
                          allowPrivilegeEscalation: false
                          capabilities: {drop: [ALL]}
                          seccompProfile: {type: RuntimeDefault}
                """
                        .formatted(name, replicas, labels, annotations);
        shop.kubectl.run(yaml, "apply", "-f", "-").succeeded();
    }

    /** Waits until its rollout is over. */
    void awaitRollout() throws IOException, InterruptedException {
        shop.kubectl("rollout", "status", "deployment/" + name, "--timeout=90s");
    }

    List<Pod> pods() {
        return shop.kubernetes.pods().inNamespace(shop.namespace).withLabel("app", name).list().getItems().stream()
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .toList();
    }

    Pod pod() {
        return pods().get(0);
    }

    /** Uid, and restarts of every container: what may not change without a reason. */
    List<String> identities() {
        return pods().stream()
                .map(pod -> pod.getMetadata().getUid() + " "
                        + Stream.concat(
                                        pod.getStatus().getInitContainerStatuses().stream(),
                                        pod.getStatus().getContainerStatuses().stream())
                                .map(ContainerStatus::getRestartCount)
                                .toList())
                .toList();
    }

    /** All that a pod's app has printed. */
    List<String> printed(Pod pod) {
        return shop.kubernetes
                .pods()
                .inNamespace(shop.namespace)
                .withName(pod.getMetadata().getName())
                .inContainer("app")
                .getLog()
                .lines()
                .toList();
    }

    /** Reads what a pod's app prints from now on. */
    Following follow(Pod pod) {
        return new Following(shop.kubernetes
                .pods()
                .inNamespace(shop.namespace)
                .withName(pod.getMetadata().getName())
                .inContainer("app")
                .tailingLines(1)
                .watchLog());
    }

    /** The answers of one consumer as they come. */
    static final class Following implements AutoCloseable {
        private final LogWatch log;
        private final AtomicInteger answers = new AtomicInteger();
        private final Queue<String> failures = new ConcurrentLinkedQueue<>();
        private final Thread thread = new Thread(this::read, "consumer-log");
        private volatile String last = "";

        private Following(LogWatch log) {
            this.log = log;
            thread.start();
        }

        private void read() {
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(log.getOutput(), StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.startsWith(FAILED)) {
                        failures.add(answers.get() + ": " + line);
                    }
                    answers.incrementAndGet();
                    last = line;
                }
            } catch (IOException closed) {
                // The reader is gone.
            }
        }

        String last() {
            return last;
        }

        int answers() {
            return answers.get();
        }

        /** Each answer that was none, after the number of answers before it. */
        List<String> failures() {
            return List.copyOf(failures);
        }

        @Override
        public void close() {
            log.close();
        }
    }
}
