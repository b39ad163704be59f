package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.config.Labels;
import link.ambassador.kubernetes.ApiServer;
import link.ambassador.kubernetes.Kubectl;
import link.ambassador.kubernetes.Namespaces;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code kubernetes/install} on a real API server: what its account may do, and what it must not. */
@ExtendWith(ApiServer.class)
class InstallIT {
    private static final String NAMESPACE = "install-it";
    private static final Duration TAKEOVER = Duration.ofSeconds(20);
    private static final String AMBASSADOR =
            """
            apiVersion: ambassador.link/v1alpha1
            kind: Ambassador
            metadata: {name: redis, namespace: %s}
            spec:
              links: [{listen: 6379, targets: [{host: 192.168.1.52, port: 6379}]}]
              placement: {gateway: {replicas: 2}}
            """
                    .formatted(NAMESPACE);
    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

    private static KubernetesClient administrator;
    private static Kubectl kubectl;
    private static Config account;
    private static KubernetesClient operator;

    @BeforeAll
    static void install(KubernetesClient client, @TempDir Path directory) throws Exception {
        administrator = client;
        kubectl = new Kubectl(client, NAMESPACE, directory);
        Installation.apply(kubectl);
        account = Installation.operatorAccount(client);
        operator = new KubernetesClientBuilder().withConfig(account).build();
        Namespaces.apply(client, NAMESPACE, Map.of());
        client.resource(pod("policed")).create();
        // The API server learns of its policies in its own time. A label that it let pass is no change any more.
        AtomicInteger probes = new AtomicInteger();
        await().until(() -> refusal(() -> patchStatus(
                        "policed", "{\"metadata\":{\"labels\":{\"probe\":\"" + probes.incrementAndGet() + "\"}}}"))
                != null);
        await().until(() -> refusal(() -> create("probe", null)) != null);
    }

    @AfterAll
    static void close() {
        operator.close();
        // No Service leads anywhere here: each pod of the tests that follow would wait for it.
        administrator.resource(webhookConfiguration()).delete();
    }

    private static MutatingWebhookConfiguration webhookConfiguration() {
        return administrator
                .admissionRegistration()
                .v1()
                .mutatingWebhookConfigurations()
                .withName("ambassador-webhook")
                .get();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kubernetes/install",
                "kubernetes/install/crd",
                "kubernetes/install/operator",
                "src/test/cluster/install"
            })
    void everyKustomizationIsAcceptedWithoutAWarning(String folder) throws Exception {
        Kubectl.Result result =
                kubectl.run("", "apply", "-k", folder, "--dry-run=server").succeeded();

        assertThat(result.output()).doesNotContain("Warning");
    }

    @ParameterizedTest
    @CsvSource({
        "kubernetes/install, ambassador",
        "kubernetes/install/operator, ambassador",
        "src/test/cluster/install, localhost/amb-ambassador"
    })
    void relaysRunTheImageOfTheirOperator(String folder, String image) throws Exception {
        Container container = operatorOf(folder)
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .get(0);

        assertThat(container.getImage()).startsWith(image + ":");
        assertThat(variable(container, "AMBASSADOR_RELAY_IMAGE")).isEqualTo(container.getImage());
    }

    @Test
    void theInstalledImageIsOfThisVersion() throws Exception {
        String version = Files.readString(Path.of("target/classes/ambassador-version.txt"))
                .strip();

        assertThat(operatorOf("kubernetes/install")
                        .getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers())
                .extracting(Container::getImage)
                .containsExactly("ambassador:" + version);
    }

    @ParameterizedTest
    @CsvSource({
        "get,    ambassador.link,     ambassadors",
        "list,   ambassador.link,     ambassadors",
        "watch,  ambassador.link,     ambassadors",
        "patch,  ambassador.link,     ambassadors/status",
        "update, ambassador.link,     ambassadors/status",
        "create, '',                  services",
        "list,   '',                  services",
        "patch,  '',                  configmaps",
        "create, apps,                deployments",
        "create, apps,                controllerrevisions",
        "patch,  apps,                controllerrevisions",
        "delete, apps,                controllerrevisions",
        "delete, policy,              poddisruptionbudgets",
        "list,   '',                  pods",
        "watch,  '',                  pods",
        "patch,  '',                  pods/status",
        "create, '',                  events",
        "watch,  '',                  resourcequotas",
        "watch,  '',                  limitranges",
        "get,    '',                  namespaces",
    })
    void itMay(String verb, String group, String resource) {
        assertThat(may(verb, group, resource, NAMESPACE)).isTrue();
        assertThat(may(verb, group, resource, null)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "get,    '',                           secrets",
        "list,   '',                           secrets",
        "create, '',                           secrets",
        "create, ambassador.link,              ambassadors",
        "patch,  ambassador.link,              ambassadors",
        "delete, ambassador.link,              ambassadors",
        "create, '',                           pods",
        "patch,  '',                           pods",
        "update, '',                           pods",
        "delete, '',                           pods",
        "create, '',                           pods/exec",
        "create, '',                           pods/eviction",
        "create, '',                           pods/ephemeralcontainers",
        "get,    '',                           pods/log",
        "update, '',                           pods/status",
        "get,    '',                           nodes",
        "list,   '',                           namespaces",
        "create, '',                           serviceaccounts/token",
        "impersonate, '',                      users",
        "create, apps,                         statefulsets",
        "create, apps,                         daemonsets",
        "get,    apps,                         controllerrevisions",
        "update, apps,                         controllerrevisions",
        "create, batch,                        jobs",
        "create, rbac.authorization.k8s.io,    rolebindings",
        "bind,   rbac.authorization.k8s.io,    clusterroles",
        "patch,  admissionregistration.k8s.io, validatingadmissionpolicies",
        "patch,  admissionregistration.k8s.io, mutatingwebhookconfigurations",
        "create, admissionregistration.k8s.io, mutatingwebhookconfigurations",
        "get,    '',                           resourcequotas",
        "get,    apiextensions.k8s.io,         customresourcedefinitions",
        "create, coordination.k8s.io,          leases",
        "deletecollection, '',                 services",
    })
    void itMayNot(String verb, String group, String resource) {
        assertThat(may(verb, group, resource, NAMESPACE)).isFalse();
        assertThat(may(verb, group, resource, null)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "create, , true",
        "get,    ambassador-operator, true",
        "patch,  ambassador-operator, true",
        "patch,  somebody-else, false",
        "delete, ambassador-operator, false"
    })
    void itsLeaseIsTheOneOfThatNameInItsOwnNamespace(String verb, String name, boolean allowed) {
        assertThat(review(verb, "coordination.k8s.io", "leases", Installation.NAMESPACE, name))
                .isEqualTo(allowed);
        assertThat(review(verb, "coordination.k8s.io", "leases", NAMESPACE, name))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "create, , true",
        "get,    ambassador-webhook-tls, true",
        "watch,  ambassador-webhook-tls, true",
        "update, ambassador-webhook-tls, true",
        "delete, ambassador-webhook-tls, false",
        "get,    somebody-elses, false",
        "list,   , false"
    })
    void itsSecretIsTheOneOfThatNameInItsOwnNamespace(String verb, String name, boolean allowed) {
        assertThat(review(verb, "", "secrets", Installation.NAMESPACE, name)).isEqualTo(allowed);
        assertThat(review(verb, "", "secrets", NAMESPACE, name)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"patch, true", "watch, true", "update, false", "delete, false"})
    void itsWebhookConfigurationIsTheOneOfThatName(String verb, boolean allowed) {
        assertThat(review(
                        verb,
                        "admissionregistration.k8s.io",
                        "mutatingwebhookconfigurations",
                        null,
                        "ambassador-webhook"))
                .isEqualTo(allowed);
        assertThat(review(verb, "admissionregistration.k8s.io", "mutatingwebhookconfigurations", null, "istio"))
                .isFalse();
    }

    @Test
    void aSecretIsForbidden() {
        assertThatThrownBy(() -> operator.secrets().inNamespace(NAMESPACE).list())
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("secrets is forbidden");
    }

    @Test
    void anAnnotationOfOursOnAPodPasses() {
        administrator.resource(pod("nudged")).create();

        patchStatus("nudged", "{\"metadata\":{\"annotations\":{\"ambassador.link/revision\":\"5f0c2a9e\"}}}");
        assertThat(annotations("nudged")).containsEntry("ambassador.link/revision", "5f0c2a9e");

        patchStatus("nudged", "{\"metadata\":{\"annotations\":{\"ambassador.link/revision\":null}}}");
        assertThat(annotations("nudged")).isEqualTo(Map.of("theirs", "1"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {"metadata":{"annotations":{"theirs":"2"}}}        | the Ambassador operator may change annotations under ambassador.link/ only, not those of others
                    {"metadata":{"annotations":{"theirs":null}}}       | the Ambassador operator may change annotations under ambassador.link/ only, not those of others
                    {"metadata":{"annotations":{"new":"1"}}}           | the Ambassador operator may change annotations under ambassador.link/ only, not those of others
                    {"metadata":{"labels":{"app":"other"}}}            | the Ambassador operator may change no label of a pod
                    {"metadata":{"labels":{"ambassador.link/a":"b"}}}  | the Ambassador operator may change no label of a pod
                    {"metadata":{"finalizers":["example.com/held"]}}   | the Ambassador operator may change no finalizer and no owner of a pod
                    {"status":{"podIP":"10.0.0.1","podIPs":[{"ip":"10.0.0.1"}]}} | the Ambassador operator may not change a pod's status
                    {"status":{"conditions":[{"type":"Ready","status":"True"}]}} | the Ambassador operator may not change a pod's status
                    """)
    void aForgeryThroughPodsStatusIsRefused(String patch, String sentence) {
        Pod before =
                administrator.pods().inNamespace(NAMESPACE).withName("policed").get();

        assertThat(refusal(() -> patchStatus("policed", patch))).contains(sentence);
        assertThat(administrator
                        .pods()
                        .inNamespace(NAMESPACE)
                        .withName("policed")
                        .get())
                .isEqualTo(before);
    }

    @Test
    void aForgeryIsRefusedTogetherWithAnAnnotationOfOurs() {
        assertThat(
                        refusal(
                                () -> patchStatus(
                                        "policed",
                                        "{\"metadata\":{\"annotations\":{\"ambassador.link/revision\":\"1\"},\"labels\":{\"app\":\"other\"}}}")))
                .contains("may change no label of a pod");
    }

    @Test
    void theSpecIsOutOfReachOfPodsStatus() {
        administrator.resource(pod("specified")).create();

        patchStatus(
                "specified",
                "{\"metadata\":{\"annotations\":{\"ambassador.link/revision\":\"1\"}},\"spec\":{\"activeDeadlineSeconds\":1}}");

        Pod after = administrator
                .pods()
                .inNamespace(NAMESPACE)
                .withName("specified")
                .get();
        assertThat(after.getSpec().getActiveDeadlineSeconds()).isNull();
    }

    @Test
    void othersAreNotHeldToThePolicy() {
        administrator.resource(pod("free")).create();
        administrator
                .pods()
                .inNamespace(NAMESPACE)
                .withName("free")
                .subresource("status")
                .patch(MERGE, "{\"metadata\":{\"labels\":{\"app\":\"free\"}},\"status\":{\"phase\":\"Running\"}}");

        Pod after = administrator.pods().inNamespace(NAMESPACE).withName("free").get();
        assertThat(after.getStatus().getPhase()).isEqualTo("Running");
        assertThat(after.getMetadata().getLabels()).containsEntry("app", "free");
    }

    @Test
    void itWritesWhatAnAmbassadorControls() {
        create("redis-ambassador", "Ambassador");
        operator.configMaps()
                .inNamespace(NAMESPACE)
                .withName("redis-ambassador")
                .patch(MERGE, "{\"data\":{\"links.json\":\"{}\"}}");
        operator.configMaps()
                .inNamespace(NAMESPACE)
                .withName("redis-ambassador")
                .delete();

        assertThat(administrator
                        .configMaps()
                        .inNamespace(NAMESPACE)
                        .withName("redis-ambassador")
                        .get())
                .isNull();
    }

    @Test
    void itLeavesAloneWhatIsSomebodyElses() {
        String sentence = "the Ambassador operator may write only what an Ambassador controls, and this is not";
        administrator
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("theirs")
                        .withNamespace(NAMESPACE)
                        .endMetadata()
                        .build())
                .create();
        var theirs = operator.configMaps().inNamespace(NAMESPACE).withName("theirs");

        assertThat(refusal(() -> theirs.patch(MERGE, "{\"data\":{\"a\":\"b\"}}")))
                .contains(sentence);
        assertThat(refusal(theirs::delete)).contains(sentence);
        assertThat(refusal(() -> theirs.patch(
                        MERGE,
                        "{\"metadata\":{\"ownerReferences\":[{\"apiVersion\":\"ambassador.link/v1alpha1\",\"kind\":\"Ambassador\","
                                + "\"name\":\"x\",\"uid\":\"x\",\"controller\":true}]}}")))
                .contains(sentence);
        assertThat(refusal(() -> create("unowned", null))).contains(sentence);
        assertThat(refusal(() -> create("a-pods", "Pod"))).contains(sentence);
    }

    @Test
    void itTakesOverWhatHasAGatewaysLabelsAndNoController() {
        String owner =
                "\"ownerReferences\":[{\"apiVersion\":\"ambassador.link/v1alpha1\",\"kind\":\"Ambassador\",\"name\":\"x\","
                        + "\"uid\":\"x\",\"controller\":true}]";
        administrator
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("x-ambassador")
                        .withNamespace(NAMESPACE)
                        .withLabels(Map.of(
                                "ambassador.link/gateway", "x", "app.kubernetes.io/managed-by", "ambassador-operator"))
                        .endMetadata()
                        .build())
                .create();
        var restored = operator.configMaps().inNamespace(NAMESPACE).withName("x-ambassador");

        assertThat(refusal(() -> restored.patch(MERGE, "{\"data\":{\"a\":\"b\"}}")))
                .as("without an owner")
                .contains("may write only what an Ambassador controls");
        assertThat(refusal(restored::delete)).contains("may write only what an Ambassador controls");
        restored.patch(MERGE, "{\"metadata\":{" + owner + "}}");
        restored.delete();
    }

    @Test
    void theOperatorRunsAsThisAccountAndSeesNoForbidden() throws Exception {
        try (JavaOperator process = JavaOperator.start(account, Map.of("AMBASSADOR_LEADER_ELECTION", "true"))
                .started()) {
            await().atMost(TAKEOVER).until(process::leads);
            administrator.resource(AMBASSADOR).create();
            // To the API server this is a relay; none runs here.
            await("a Deployment").atMost(TAKEOVER).until(() -> gateway() != null);
            administrator.resource(relayPod()).create();
            administrator
                    .pods()
                    .inNamespace(NAMESPACE)
                    .withName("relay")
                    .subresource("status")
                    .patch(
                            MERGE,
                            "{\"status\":{\"phase\":\"Running\",\"podIP\":\"127.0.0.1\",\"podIPs\":[{\"ip\":\"127.0.0.1\"}]}}");

            await("a gateway").atMost(TAKEOVER).untilAsserted(() -> {
                assertThat(administrator
                                .services()
                                .inNamespace(NAMESPACE)
                                .withName("redis")
                                .get())
                        .isNotNull();
                assertThat(administrator
                                .apps()
                                .deployments()
                                .inNamespace(NAMESPACE)
                                .list()
                                .getItems())
                        .anyMatch(deployment -> controls(deployment));
                assertThat(administrator
                                .policy()
                                .v1()
                                .podDisruptionBudget()
                                .inNamespace(NAMESPACE)
                                .list()
                                .getItems())
                        .anyMatch(budget -> controls(budget));
                assertThat(ambassador().getStatus()).isNotNull();
                assertThat(ambassador().getStatus().conditions()).isNotEmpty();
                assertThat(webhookConfiguration().getWebhooks())
                        .allSatisfy(entry -> assertThat(entry.getClientConfig().getCaBundle())
                                .isNotEmpty());
            });
            // As an upgrade does.
            String bundle = webhookConfiguration()
                    .getWebhooks()
                    .get(0)
                    .getClientConfig()
                    .getCaBundle();
            Installation.apply(kubectl);
            assertThat(webhookConfiguration().getWebhooks())
                    .allSatisfy(entry ->
                            assertThat(entry.getClientConfig().getCaBundle()).isEqualTo(bundle));
            // A retarget, and no need any more for a budget: one replica.
            administrator
                    .resources(Ambassador.class)
                    .inNamespace(NAMESPACE)
                    .withName("redis")
                    .patch(
                            MERGE,
                            "{\"spec\":{\"links\":[{\"listen\":6379,\"targets\":[{\"host\":\"192.168.1.53\",\"port\":6379}]}],"
                                    + "\"placement\":{\"gateway\":{\"replicas\":1}}}}");
            await("an annotation, an Event and no budget").atMost(TAKEOVER).untilAsserted(() -> {
                assertThat(annotations("relay")).containsKey("ambassador.link/revision");
                assertThat(administrator
                                .policy()
                                .v1()
                                .podDisruptionBudget()
                                .inNamespace(NAMESPACE)
                                .list()
                                .getItems())
                        .isEmpty();
                assertThat(administrator
                                .v1()
                                .events()
                                .inNamespace(NAMESPACE)
                                .list()
                                .getItems())
                        .isNotEmpty();
            });

            assertThat(process.terminate(Duration.ofSeconds(5))).isZero();
            assertThat(process.toString())
                    .doesNotContainIgnoringCase("forbidden")
                    .doesNotContain("denied request");
        } finally {
            // The operators of other tests would take it for theirs.
            administrator.resource(AMBASSADOR).delete();
        }
    }

    private static Deployment operatorOf(String folder) throws Exception {
        return rendered(folder, Deployment.class).get(0);
    }

    private static <T> List<T> rendered(String folder, Class<T> type) throws Exception {
        String yaml = kubectl.run("", "kustomize", folder).succeeded().output();
        return administrator.load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8))).items().stream()
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }

    private static String variable(Container container, String name) {
        return container.getEnv().stream()
                .filter(variable -> variable.getName().equals(name))
                .findFirst()
                .orElseThrow()
                .getValue();
    }

    private static Ambassador ambassador() {
        return administrator
                .resources(Ambassador.class)
                .inNamespace(NAMESPACE)
                .withName("redis")
                .get();
    }

    private static boolean controls(HasMetadata object) {
        return object.getMetadata().getOwnerReferences().stream().anyMatch(owner -> owner.getUid()
                .equals(ambassador().getMetadata().getUid()));
    }

    private static Deployment gateway() {
        return administrator
                .apps()
                .deployments()
                .inNamespace(NAMESPACE)
                .withName("redis-ambassador")
                .get();
    }

    private static Pod relayPod() {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace(NAMESPACE)
                .withName("relay")
                .withLabels(Map.of(Labels.GATEWAY, "redis"))
                .withOwnerReferences(
                        FakeKubelet.controlledBy(FakeKubelet.replicaSet(administrator, NAMESPACE, "redis")))
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("relay")
                .withImage("example.com/ambassador")
                .endContainer()
                .endSpec()
                .build();
    }

    private static boolean may(String verb, String group, String resource, String namespace) {
        return review(verb, group, resource, namespace, null);
    }

    private static boolean review(String verb, String group, String resource, String namespace, String name) {
        String[] parts = resource.split("/", 2);
        return administrator
                .resource(new SubjectAccessReviewBuilder()
                        .withNewSpec()
                        .withUser("system:serviceaccount:" + Installation.NAMESPACE + ":" + Installation.ACCOUNT)
                        .withGroups(
                                "system:serviceaccounts",
                                "system:serviceaccounts:" + Installation.NAMESPACE,
                                "system:authenticated")
                        .withNewResourceAttributes()
                        .withVerb(verb)
                        .withGroup(group)
                        .withResource(parts[0])
                        .withSubresource(parts.length > 1 ? parts[1] : null)
                        .withNamespace(namespace)
                        .withName(name)
                        .endResourceAttributes()
                        .endSpec()
                        .build())
                .create()
                .getStatus()
                .getAllowed();
    }

    private static Map<String, String> annotations(String pod) {
        return administrator
                .pods()
                .inNamespace(NAMESPACE)
                .withName(pod)
                .get()
                .getMetadata()
                .getAnnotations();
    }

    /** As the operator does it: by one request, for the client's own way to patch reads the pod first, and it may not. */
    private static void patchStatus(String pod, String patch) {
        String pods = operator.getMasterUrl() + "api/v1/namespaces/" + NAMESPACE + "/pods/";
        HttpClient http = operator.getHttpClient();
        HttpResponse<String> answer = http.sendAsync(
                        http.newHttpRequestBuilder()
                                .uri(pods + pod + "/status")
                                .method("PATCH", "application/merge-patch+json", patch)
                                .build(),
                        String.class)
                .join();
        if (answer.code() != 200) {
            throw new KubernetesClientException(answer.body());
        }
    }

    /** A ConfigMap by the operator's account, controlled by an object of this kind or by none. */
    private static void create(String name, String owner) {
        ObjectMetaBuilder metadata = new ObjectMetaBuilder().withName(name).withNamespace(NAMESPACE);
        if (owner != null) {
            metadata.addNewOwnerReference()
                    .withApiVersion(owner.equals("Ambassador") ? "ambassador.link/v1alpha1" : "v1")
                    .withKind(owner)
                    .withName("redis")
                    .withUid("9d7cbf4e-0000-0000-0000-000000000000")
                    .withController(true)
                    .endOwnerReference();
        }
        operator.resource(new ConfigMapBuilder().withMetadata(metadata.build()).build())
                .create();
    }

    private static String pod(String name) {
        return """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s, namespace: %s, labels: {app: web}, annotations: {theirs: "1"}}
                spec: {containers: [{name: app, image: example.com/app}]}
                """
                .formatted(name, NAMESPACE);
    }

    /** The API server's words when it refuses; null when it does not. */
    private static String refusal(ThrowingCallable call) {
        try {
            call.call();
            return null;
        } catch (KubernetesClientException e) {
            return e.getMessage();
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }
}
