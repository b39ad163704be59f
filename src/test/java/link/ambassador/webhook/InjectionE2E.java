package link.ambassador.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.zjsonpatch.JsonPatch;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.tables.SidecarAmbassador;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a real kubelet makes of a patched pod. The patch is made here, so no operator and no webhook need run. */
class InjectionE2E {
    private static final InjectionSettings SETTINGS =
            new InjectionSettings("localhost/amb-ambassador:test", Optional.empty());

    private static final String RESTRICTED = "{allowPrivilegeEscalation: false, runAsNonRoot: true,"
            + " capabilities: {drop: [ALL]}, seccompProfile: {type: RuntimeDefault}}";

    private final KubernetesClient kubernetes = new KubernetesClientBuilder().build();
    private final String namespace = "injection-e2e-" + Long.toString(System.nanoTime(), 36);

    @BeforeEach
    void namespace() {
        namespace("restricted");
    }

    private void namespace(String level) {
        kubernetes
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .addToLabels("pod-security.kubernetes.io/enforce", level)
                        .endMetadata()
                        .build())
                .forceConflicts()
                .serverSideApply();
        // The controller manager makes it a moment later, and without it no pod is admitted.
        await().until(() -> kubernetes
                        .serviceAccounts()
                        .inNamespace(namespace)
                        .withName("default")
                        .get()
                != null);
    }

    @AfterEach
    void noNamespace() {
        kubernetes.namespaces().withName(namespace).delete();
        kubernetes.close();
    }

    /** The target has the alias' own name, and is looked up past the hosts file; 127.0.0.1 is the author's. */
    @Test
    void aProgramReachesItsTargetByTheAliasByTheVariablesAndOnALowPortFromItsInitContainerOn() {
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

    @Test
    void noTokenIsMountedIntoTheRelay() {
        Pod pod = kubernetes.resource(client("", RESTRICTED)).dryRun().create();

        assertThat(mounts(pod.getSpec().getContainers().get(0))).anyMatch(name -> name.startsWith("kube-api-access"));
        assertThat(mounts(pod.getSpec().getInitContainers().get(0)))
                .containsExactly(RelayVolumes.LINKS, RelayVolumes.TEMPORARY, RelayVolumes.LINKS);
    }

    private static List<String> mounts(Container container) {
        return container.getVolumeMounts().stream().map(VolumeMount::getName).toList();
    }

    private void redis() {
        kubernetes
                .resource(
                        """
                        apiVersion: v1
                        kind: Service
                        metadata: {name: redis}
                        spec: {selector: {app: redis}, ports: [{port: 6379}]}
                        """)
                .inNamespace(namespace)
                .create();
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

    /** A pod that is done when Redis answered by alias, by variables and on a port below 1024. */
    private Pod client(String spec, String securityContext) {
        JsonNode pod = Serialization.unmarshal(
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: client, labels: {app: client}}
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
                JsonNode.class);
        Ambassador redis = Serialization.unmarshal(
                """
                apiVersion: ambassador.link/v1alpha1
                kind: Ambassador
                metadata: {name: redis, namespace: shop, uid: uid, creationTimestamp: "2026-01-01T00:00:00Z"}
                spec:
                  links:
                  - {listen: 6379, targets: [{host: redis, port: 6379}]}
                  - {listen: 80, targets: [{host: redis, port: 6379}]}
                  placement: {sidecar: {selector: {matchLabels: {app: client}}}}
                """,
                Ambassador.class);
        Injection injection = Injection.of(
                pod, namespace, List.of(SidecarAmbassador.of(redis).orElseThrow()), NamespaceDemands.NONE, SETTINGS);
        Pod injected = Serialization.unmarshal(
                Serialization.asJson(JsonPatch.apply(injection.patch().orElseThrow(), pod)), Pod.class);
        injected.getMetadata().setNamespace(namespace);
        return injected;
    }

    /** A pod's output once all its containers have ended well, the relay after the others. */
    private String outputOf(Pod pod) {
        kubernetes.resource(pod).create();
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
