package link.ambassador.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaStatusBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfigurationBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import link.ambassador.kubernetes.ApiServer;
import link.ambassador.kubernetes.Kubectl;
import link.ambassador.kubernetes.Namespaces;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a real API server makes of the patch: its own admission, its defaults, its validation, and apply. */
@ExtendWith(ApiServer.class)
class InjectionIT {
    private static final String OURS = "injection-it";
    private static final String MESH = "injection-it-mesh";
    private static final String READY = "injection-it-ready";
    private static final String RELAY = "ambassador-relay";

    /** What was asked, by namespace: the case, and the pods that came for it. */
    private static final Map<String, InjectionCase> CASES = new ConcurrentHashMap<>();

    private static final Map<String, Queue<JsonNode>> ASKED = new ConcurrentHashMap<>();

    private static AdmissionEndpoint endpoint;

    private final KubernetesClient kubernetes;

    InjectionIT(KubernetesClient kubernetes) {
        this.kubernetes = kubernetes;
    }

    @BeforeAll
    static void serve(@TempDir Path directory, KubernetesClient kubernetes) throws Exception {
        endpoint = AdmissionEndpoint.start(directory);
        endpoint.serve("/inject", InjectionIT::inject);
        endpoint.serve("/mesh", InjectionIT::mesh);
        // The names decide who is asked first.
        kubernetes.resource(configuration("a-" + OURS, OURS, "/inject")).create();
        kubernetes.resource(configuration("b-" + MESH, MESH, "/mesh")).create();
        String probing = namespace(kubernetes, READY, InjectionCase.named("selected"), "restricted", true);
        Awaitility.await("the API server asks both").until(() -> {
            Pod pod = kubernetes.resource(pod(probing)).dryRun().create();
            return pod.getSpec().getInitContainers().size() == 2;
        });
    }

    @AfterAll
    static void close(KubernetesClient kubernetes) {
        kubernetes.resource(configuration("a-" + OURS, OURS, "/inject")).delete();
        kubernetes.resource(configuration("b-" + MESH, MESH, "/mesh")).delete();
        endpoint.close();
    }

    static Stream<InjectionCase> injected() throws IOException {
        return InjectionCase.all()
                .filter(injection ->
                        injection.injection(injection.pod()).reason().injects());
    }

    @ParameterizedTest
    @MethodSource("injected")
    void itsPodIsAdmittedWhereSecurityIsRestricted(InjectionCase injection) {
        // What of the pod is not restricted is not the relay.
        String level =
                switch (injection.toString()) {
                    case "root-user" -> "baseline";
                    case "host-ipc" -> "privileged";
                    default -> "restricted";
                };
        String namespace = namespace(kubernetes, "admitted-" + injection, injection, level, false);

        Pod pod = kubernetes.resource(pod(namespace)).dryRun().create();

        assertThat(relay(pod).getRestartPolicy()).isEqualTo("Always");
    }

    @Test
    void theApiServerAsksOnceForAPodThatNobodyElseChanges() {
        String namespace = namespace(kubernetes, "once", InjectionCase.named("selected"), "restricted", false);

        kubernetes.resource(pod(namespace)).dryRun().create();

        assertThat(ASKED.get(namespace)).hasSize(1);
    }

    @Test
    void aRelayIsPutBehindAMeshThatIsAskedAfterIt() {
        String namespace = namespace(kubernetes, "mesh", InjectionCase.named("init-containers"), "restricted", true);

        Pod pod = kubernetes.resource(pod(namespace)).dryRun().create();

        assertThat(pod.getSpec().getInitContainers())
                .extracting(Container::getName)
                .containsExactly("istio-proxy", RELAY, "migrate", "warm-up");
        assertThat(ASKED.get(namespace)).hasSize(2);
    }

    @Test
    void askedAgainAboutWhatItAdmittedItChangesNothing() {
        String namespace = namespace(kubernetes, "again", InjectionCase.named("selected"), "restricted", false);

        Pod pod = kubernetes.resource(pod(namespace)).dryRun().create();
        JsonNode admitted = Serialization.unmarshal(Serialization.asJson(pod), JsonNode.class);

        assertThat(InjectionCase.named("selected").injection(admitted).patch()).isEmpty();
    }

    /**
     * But for what cannot be applied even once (two entries of one address), what applies a relay of its own, and a value of
     * sysctls that is the author's and had to be changed.
     */
    static Stream<InjectionCase> appliedAgain() throws IOException {
        List<String> not = List.of(
                "own-entries-of-one-address", "copied", "own-sysctls-and-a-low-port", "own-sysctls-of-a-controller");
        return injected().filter(injection -> !not.contains(injection.toString()));
    }

    @ParameterizedTest
    @MethodSource("appliedAgain")
    void itsManifestCanBeAppliedServerSideAgain(InjectionCase injection) {
        String namespace = namespace(kubernetes, "applied-" + injection, injection, "privileged", false);

        Pod applied = kubernetes.resource(pod(namespace)).fieldManager("author").serverSideApply();
        Pod again = kubernetes.resource(pod(namespace)).fieldManager("author").serverSideApply();

        assertThat(relay(applied)).isNotNull();
        assertThat(again.getSpec()).isEqualTo(applied.getSpec());
    }

    @ParameterizedTest
    @ValueSource(strings = {"own-loopback-entry", "own-variables", "own-sysctls", "init-containers"})
    void itsManifestCanBeAppliedByKubectlAgain(String injection, @TempDir Path directory)
            throws IOException, InterruptedException {
        String namespace =
                namespace(kubernetes, "kubectl-" + injection, InjectionCase.named(injection), "restricted", false);
        Kubectl kubectl = new Kubectl(kubernetes, namespace, directory);
        String manifest = Serialization.asYaml(pod(namespace));

        kubectl.run(manifest, "apply", "-f", "-").succeeded();
        Pod applied = kubernetes.resource(pod(namespace)).get();
        kubectl.run(manifest, "apply", "-f", "-").succeeded();

        assertThat(relay(applied)).isNotNull();
        assertThat(kubernetes.resource(pod(namespace)).get().getSpec()).isEqualTo(applied.getSpec());
    }

    private static Optional<ArrayNode> inject(JsonNode request) {
        String namespace = request.path("namespace").asText();
        ASKED.computeIfAbsent(namespace, key -> new ConcurrentLinkedQueue<>()).add(request.path("object"));
        return CASES.get(namespace).injection(request.path("object")).patch();
    }

    /** A mesh that puts its proxy first, and once. */
    private static Optional<ArrayNode> mesh(JsonNode request) {
        for (JsonNode container : request.path("object").path("spec").path("initContainers")) {
            if (PodJson.name(container).equals("istio-proxy")) {
                return Optional.empty();
            }
        }
        ObjectNode proxy = Serialization.unmarshal(
                """
                name: istio-proxy
                image: istio
                restartPolicy: Always
                securityContext:
                  allowPrivilegeEscalation: false
                  runAsNonRoot: true
                  capabilities: {drop: [ALL]}
                  seccompProfile: {type: RuntimeDefault}
                """,
                ObjectNode.class);
        ArrayNode patch = proxy.arrayNode();
        patch.addObject().put("op", "add").put("path", "/spec/initContainers/1").set("value", proxy);
        return Optional.of(patch);
    }

    private static MutatingWebhookConfiguration configuration(String name, String label, String path) {
        return new MutatingWebhookConfigurationBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .addNewWebhook()
                .withName(name + ".ambassador.link")
                .withAdmissionReviewVersions("v1")
                .withSideEffects("None")
                .withFailurePolicy("Fail")
                .withReinvocationPolicy("IfNeeded")
                .withNewClientConfig()
                .withUrl(endpoint.url(path))
                .withCaBundle(endpoint.caBundle())
                .endClientConfig()
                .withNewNamespaceSelector()
                .addToMatchLabels(label, "yes")
                .endNamespaceSelector()
                .addNewRule()
                .withOperations("CREATE")
                .withApiGroups("")
                .withApiVersions("v1")
                .withResources("pods")
                .endRule()
                .endWebhook()
                .build();
    }

    /** A new namespace in which pods are injected as in {@code injection}, with what no controller makes here. */
    private static String namespace(
            KubernetesClient kubernetes, String suffix, InjectionCase injection, String level, boolean meshed) {
        String name = OURS + "-" + suffix;
        CASES.put(name, injection);
        Namespaces.apply(
                kubernetes,
                name,
                Map.of("pod-security.kubernetes.io/enforce", level, OURS, "yes", MESH, meshed ? "yes" : "no"));
        for (HasMetadata demanding : injection.demanding()) {
            demanding.getMetadata().setNamespace(name);
            HasMetadata created = kubernetes.resource(demanding).create();
            if (created instanceof ResourceQuota quota) {
                quota.setStatus(new ResourceQuotaStatusBuilder()
                        .withHard(quota.getSpec().getHard())
                        .addToUsed("limits.cpu", new Quantity("0"))
                        .addToUsed("limits.memory", new Quantity("0"))
                        .build());
                kubernetes.resource(quota).updateStatus();
            }
        }
        return name;
    }

    private static Pod pod(String namespace) {
        Pod pod = Serialization.unmarshal(
                Serialization.asJson(CASES.get(namespace).pod()), Pod.class);
        pod.getMetadata().setNamespace(namespace);
        return pod;
    }

    private static Container relay(Pod pod) {
        return pod.getSpec().getInitContainers().stream()
                .filter(container -> container.getName().equals(RELAY))
                .findFirst()
                .orElseThrow(() -> new AssertionError(List.of(pod)));
    }
}
