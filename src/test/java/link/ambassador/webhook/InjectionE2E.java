package link.ambassador.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.kubernetes.Kubectl;
import link.ambassador.kubernetes.Namespaces;
import link.ambassador.model.RelayPodDefaults;
import link.ambassador.operator.Installation;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real kubelet makes of pods that the installed webhook has given a relay. */
class InjectionE2E {
    private static final String RESTRICTED = "{allowPrivilegeEscalation: false, runAsNonRoot: true,"
            + " capabilities: {drop: [ALL]}, seccompProfile: {type: RuntimeDefault}}";

    private final KubernetesClient kubernetes = new KubernetesClientBuilder().build();
    private final String namespace = "injection-e2e-" + Long.toString(System.nanoTime(), 36);

    @BeforeEach
    void namespace(@TempDir Path directory) throws Exception {
        Installation.onCluster(new Kubectl(kubernetes, Installation.NAMESPACE, directory));
        namespace("restricted");
    }

    private void namespace(String level) {
        Namespaces.applyForPods(kubernetes, namespace, Namespaces.enforcing(level));
    }

    @AfterEach
    void noNamespace() {
        kubernetes.namespaces().withName(namespace).delete();
        kubernetes.close();
    }

    /** The target has the alias' own name, and is looked up past the hosts file; 127.0.0.1 is the author's. */
    @Test
    void aProgramReachesItsTargetFromItsInitContainerOn() {
        redis();

        Pod client = client(
                """
                  hostAliases:
                  - {ip: 127.0.0.1, hostnames: [own.example.com]}
                """,
                RESTRICTED);

        assertThat(outputOf(client)).isEqualTo("PONG\nPONG\nPONG\n");
    }

    @Test
    void aPodOfRootStarts() {
        namespace("baseline");
        redis();

        assertThat(outputOf(client("  securityContext: {runAsUser: 0}\n", "{privileged: false}")))
                .isEqualTo("PONG\nPONG\nPONG\n");
    }

    /** The kubelet then says {@code AMBASSADOR_ADMIN_PORT} to each container; Emissary-ingress has such a Service. */
    @Test
    void aServiceCalledAmbassadorAdminKeepsNoPodFromStarting() {
        service("ambassador-admin", 8877);
        redis();
        Pod client = client("", RESTRICTED);
        List<String> command = client.getSpec().getContainers().get(0).getCommand();
        command.set(2, command.get(2) + " && echo $AMBASSADOR_ADMIN_PORT");

        assertThat(outputOf(client)).matches("PONG\nPONG\nPONG\ntcp://[0-9.]+:8877\n");
    }

    @Test
    void noTokenIsMountedIntoTheRelay() {
        ambassador();
        Pod pod = await().ignoreExceptions()
                .until(
                        () -> kubernetes
                                .resource(client("", RESTRICTED))
                                .dryRun()
                                .create(),
                        created -> true);

        assertThat(mounts(pod.getSpec().getContainers().get(0))).anyMatch(name -> name.startsWith("kube-api-access"));
        assertThat(mounts(pod.getSpec().getInitContainers().get(0)))
                .containsExactly(RelayPodDefaults.SIDECAR_LINKS_VOLUME, RelayPodDefaults.SIDECAR_LINKS_VOLUME);
    }

    private static List<String> mounts(Container container) {
        return container.getVolumeMounts().stream().map(VolumeMount::getName).toList();
    }

    private void redis() {
        ambassador();
        service("redis", 6379);
        kubernetes
                .resource(
                        """
                        apiVersion: v1
                        kind: Pod
                        metadata: {name: redis, labels: {app: redis}}
                        spec:
                          terminationGracePeriodSeconds: 0
                          containers:
                          - name: redis
                            image: localhost/amb-redis:test
                            securityContext: %s
                        """
                                .formatted(RESTRICTED))
                .inNamespace(namespace)
                .create();
        kubernetes.pods().inNamespace(namespace).withName("redis").waitUntilReady(60, TimeUnit.SECONDS);
    }

    private void service(String name, int port) {
        kubernetes
                .resource(
                        """
                        apiVersion: v1
                        kind: Service
                        metadata: {name: %1$s}
                        spec: {selector: {app: %1$s}, ports: [{port: %2$d}]}
                        """
                                .formatted(name, port))
                .inNamespace(namespace)
                .create();
    }

    /** A pod that is done when Redis answered by alias, by variables and on a port below 1024. */
    private Pod client(String spec, String securityContext) {
        Pod pod = Serialization.unmarshal(
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: client, labels: {app: client, ambassador.link/inject: required}}
                spec:
                  restartPolicy: Never
                  initContainers:
                  - name: migrate
                    image: localhost/amb-redis:test
                    command: [sh, -c, redis-cli -h redis ping]
                    securityContext: %1$s
                  containers:
                  - name: client
                    image: localhost/amb-redis:test
                    command:
                    - sh
                    - -c
                    - >-
                      redis-cli -h redis ping &&
                      redis-cli -h $REDIS_PORT_6379_TCP_ADDR -p $REDIS_PORT_6379_TCP_PORT ping &&
                      redis-cli -h redis -p 80 ping
                    securityContext: %1$s
                %2$s"""
                        .formatted(securityContext, spec),
                Pod.class);
        pod.getMetadata().setNamespace(namespace);
        return pod;
    }

    private void ambassador() {
        Ambassador redis = Serialization.unmarshal(
                """
                apiVersion: ambassador.link/v1alpha1
                kind: Ambassador
                metadata: {name: redis}
                spec:
                  links:
                  - {listen: 6379, targets: [{host: redis, port: 6379}]}
                  - {listen: 80, targets: [{host: redis, port: 6379}]}
                  placement: {sidecar: {selector: {matchLabels: {app: client}}}}
                """,
                Ambassador.class);
        kubernetes.resource(redis).inNamespace(namespace).create();
    }

    /** A pod's output once all its containers have ended well, the relay after the others. */
    private String outputOf(Pod pod) {
        // Refused for as long as the API server does not call the webhook.
        await().atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .until(() -> kubernetes.resource(pod).create() != null);
        await().atMost(Duration.ofSeconds(60)).until(() -> "Succeeded"
                .equals(kubernetes.resource(pod).get().getStatus().getPhase()));
        return kubernetes
                .pods()
                .inNamespace(namespace)
                .withName(pod.getMetadata().getName())
                .inContainer("client")
                .getLog();
    }
}
