package link.ambassador.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfigurationBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the other end-to-end tests take for granted of their cluster. */
class ClusterE2E {
    private final KubernetesClient kubernetes = new KubernetesClientBuilder().build();
    private final String namespace = "cluster-e2e-" + Long.toString(System.nanoTime(), 36);

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
    void aPodWithANativeSidecarBecomesReady() {
        var pod = pod("app", "tools", "sleep 1000");
        var sidecar = new PodBuilder(pod("sidecar", "tools", "touch /tmp/started && sleep 1000"))
                .build()
                .getSpec()
                .getContainers()
                .get(0);
        sidecar.setRestartPolicy("Always");
        pod = new PodBuilder(pod)
                .editSpec()
                .addToInitContainers(sidecar)
                .editFirstInitContainer()
                .withNewStartupProbe()
                .withNewExec()
                .withCommand("ls", "/tmp/started")
                .endExec()
                .withPeriodSeconds(1)
                .endStartupProbe()
                .endInitContainer()
                .endSpec()
                .build();
        create(pod);

        ready("app");

        var status =
                kubernetes.pods().inNamespace(namespace).withName("app").get().getStatus();
        assertThat(status.getInitContainerStatuses().get(0).getStarted()).isTrue();
        assertThat(status.getInitContainerStatuses().get(0).getState().getRunning())
                .isNotNull();
    }

    @Test
    void aServiceIsReachedByItsName() {
        redis();

        assertThat(outputOf(pod("client", "redis", "redis-cli -h redis ping"))).isEqualTo("PONG\n");
    }

    @Test
    void theImagesHaveWhatTestsRunInPods() {
        redis();

        assertThat(outputOf(pod("benchmark", "redis", "redis-benchmark -h redis -t get -n 100 --csv")))
                .contains("\"GET\"");
        assertThat(outputOf(pod("tools", "tools", "socat -V && iperf3 --version && sh -c 'echo a shell'")))
                .contains("socat version", "iperf 3", "a shell");
    }

    @Test
    void aMutatingWebhookInAPodIsCalled() {
        var name = "webhook." + namespace + ".svc";
        create(labelled(pod("webhook", "tools", "exec amb-pod webhook " + name)));
        create(service("webhook", 443, 8443));
        ready("webhook");
        var certificate = await().until(() -> log("webhook"), log -> log.contains("END CERTIFICATE"));
        var registration = kubernetes
                .resource(new MutatingWebhookConfigurationBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .addNewWebhook()
                        .withName("pods.ambassador.test")
                        .withAdmissionReviewVersions("v1")
                        .withSideEffects("None")
                        .withNewNamespaceSelector()
                        .addToMatchLabels("kubernetes.io/metadata.name", namespace)
                        .endNamespaceSelector()
                        .addNewRule()
                        .withApiGroups("")
                        .withApiVersions("v1")
                        .withResources("configmaps")
                        .withOperations("CREATE")
                        .endRule()
                        .withNewClientConfig()
                        .withCaBundle(Base64.getEncoder().encodeToString(certificate.getBytes(StandardCharsets.UTF_8)))
                        .withNewService()
                        .withNamespace(namespace)
                        .withName("webhook")
                        .endService()
                        .endClientConfig()
                        .endWebhook()
                        .build())
                .create();
        try {
            // The API server learns of the registration, and kube-proxy of the Service, in their own time.
            await().ignoreExceptions().untilAsserted(() -> {
                var admitted = kubernetes
                        .resource(new ConfigMapBuilder()
                                .withNewMetadata()
                                .withGenerateName("admitted-")
                                .endMetadata()
                                .build())
                        .inNamespace(namespace)
                        .create();
                assertThat(admitted.getMetadata().getAnnotations()).containsEntry("amb-test/admitted", "yes");
            });
        } finally {
            kubernetes.resource(registration).delete();
        }
    }

    @Test
    void aNamespaceThatAsksForRestrictedRefusesAPodThatIsNot() {
        var escalating = new PodBuilder(pod("escalating", "tools", "true"))
                .editSpec()
                .editFirstContainer()
                .editSecurityContext()
                .withAllowPrivilegeEscalation(true)
                .endSecurityContext()
                .endContainer()
                .endSpec()
                .build();

        assertThatThrownBy(() -> create(escalating))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("violates PodSecurity \"restricted:latest\"");
    }

    /** If this fails, the cluster got better: then say so in src/test/cluster/README.md, and test our policies. */
    @Test
    void aNetworkPolicyIsNotEnforced() {
        assumeTrue("bare".equals(System.getenv("AMBASSADOR_TEST_CLUSTER")), "other clusters may well enforce it");
        redis();
        create(
                """
                apiVersion: networking.k8s.io/v1
                kind: NetworkPolicy
                metadata: {name: nobody}
                spec: {podSelector: {}, policyTypes: [Ingress]}
                """);

        assertThat(outputOf(pod("client", "redis", "redis-cli -h redis ping"))).isEqualTo("PONG\n");
    }

    private void redis() {
        create(labelled(pod("redis", "redis", "exec redis-server --bind 0.0.0.0 --protected-mode no --save ''")));
        create(service("redis", 6379, 6379));
        ready("redis");
    }

    private static Pod pod(String name, String image, String script) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withRestartPolicy("OnFailure")
                .withTerminationGracePeriodSeconds(0L)
                .addNewContainer()
                .withName(name)
                .withImage("localhost/amb-" + image + ":test")
                .withCommand("sh", "-c", script)
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withAllowPrivilegeEscalation(false)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .endSecurityContext()
                .endContainer()
                .endSpec()
                .build();
    }

    private static Pod labelled(Pod pod) {
        pod.getMetadata().setLabels(Map.of("app", pod.getMetadata().getName()));
        return pod;
    }

    private static String service(String name, int port, int targetPort) {
        return """
                apiVersion: v1
                kind: Service
                metadata: {name: %1$s}
                spec: {selector: {app: %1$s}, ports: [{port: %2$d, targetPort: %3$d}]}
                """
                .formatted(name, port, targetPort);
    }

    private void create(HasMetadata resource) {
        kubernetes.resource(resource).inNamespace(namespace).create();
    }

    private void create(String yaml) {
        kubernetes.resource(yaml).inNamespace(namespace).create();
    }

    private void ready(String pod) {
        kubernetes.pods().inNamespace(namespace).withName(pod).waitUntilReady(30, TimeUnit.SECONDS);
    }

    private String log(String pod) {
        return kubernetes.pods().inNamespace(namespace).withName(pod).getLog();
    }

    /** A pod's output once it succeeded; it is started again until it does, so its script need not wait for others. */
    private String outputOf(Pod pod) {
        create(pod);
        var name = pod.getMetadata().getName();
        await().atMost(Duration.ofSeconds(30)).until(() -> "Succeeded"
                .equals(kubernetes
                        .pods()
                        .inNamespace(namespace)
                        .withName(name)
                        .get()
                        .getStatus()
                        .getPhase()));
        return log(name);
    }
}
