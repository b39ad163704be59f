package link.ambassador.operator;

import static link.ambassador.operator.GatewayNamespace.link;
import static link.ambassador.operator.GatewayNamespace.manifest;
import static link.ambassador.operator.GatewayNamespace.message;
import static link.ambassador.operator.GatewayNamespace.reason;
import static link.ambassador.operator.GatewayNamespace.redis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import link.ambassador.ConcurrentTest;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;

/** Writes of the operator that the API server, a quota or a webhook refuses: the Ambassador reports them to its author. */
@ExtendWith(GatewayTestExtension.class)
class RefusedWritesIT {
    private static final List<LogRecord> THROWN = new CopyOnWriteArrayList<>();
    private static final Handler LISTENER = new Listener();

    private static KubernetesClient kubernetes;
    private static InProcessOperator operator;

    /** All that the operator needs, but for the right to create a PodDisruptionBudget. */
    private static final String RIGHTS =
            """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: {name: limited}
            rules:
            - {apiGroups: [ambassador.link], resources: ["*"], verbs: ["*"]}
            - apiGroups: [""]
              resources: [services, configmaps, pods, pods/status, events, resourcequotas, limitranges]
              verbs: ["*"]
            - {apiGroups: [apps], resources: [deployments], verbs: ["*"]}
            - {apiGroups: [apps], resources: [replicasets, controllerrevisions], verbs: [list, watch]}
            - {apiGroups: [policy], resources: [poddisruptionbudgets], verbs: [get, list, watch]}
            """;

    private static final String GRANT =
            """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: {name: limited}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: limited}
            subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: limited}]
            """;

    private final List<HasMetadata> ofTheCluster = new ArrayList<>();

    @BeforeAll
    static void operator(KubernetesClient client) {
        kubernetes = client;
        Logger.getLogger("").addHandler(LISTENER);
        kubernetes.resource(RIGHTS).create();
        kubernetes.resource(GRANT).create();
        operator = InProcessOperator.start(
                new ConfigBuilder(client.getConfiguration())
                        .withImpersonateUsername("limited")
                        .build(),
                Map.of());
    }

    @AfterAll
    static void noStackTraceWasLogged() {
        operator.close();
        kubernetes.resource(GRANT).delete();
        kubernetes.resource(RIGHTS).delete();
        Logger.getLogger("").removeHandler(LISTENER);
        // Not what other clients of this process log of the API server that they had before.
        assertThat(THROWN)
                .filteredOn(entry -> entry.getLoggerName().matches("(link|io)\\..*"))
                .extracting(LogRecord::getMessage)
                .isEmpty();
    }

    @AfterEach
    void everythingIsAllowedAgain() {
        ofTheCluster.forEach(object -> kubernetes.resource(object).delete());
    }

    @ConcurrentTest
    void aQuotaThatRefusesTheServiceIsToldOnTheAmbassador(GatewayNamespace namespace) {
        ResourceQuota quota = quota(namespace, Map.of("services", "0"));

        namespace.apply(redis("redis", "redis-a"));
        AmbassadorStatus status = namespace.await("redis", "Accepted", "Refused");

        assertThat(message(status, "Accepted")).contains("Service redis", "exceeded quota: team", "services=0");
        assertThat(status.observedGeneration()).isEqualTo(1);
        assertThat(reason(status, "Ready")).isEqualTo("NotAccepted");
        assertThat(reason(status, "Converged")).isEqualTo("NotAccepted");
        assertThat(namespace.objects("redis")).isEmpty();

        kubernetes.resource(quota).delete();
        namespace.await("redis", "Accepted", "Accepted");
        assertThat(namespace.objects("redis")).hasSize(3);
        assertThat(namespace.events("redis")).containsOnlyOnce("Refused");
    }

    @ConcurrentTest
    void aRetargetThatTheOperatorMayNotRememberTakesPlace(GatewayNamespace namespace, FakeKubelet kubelet)
            throws IOException {
        namespace.applied(redis("redis", "redis-a"));
        FakeKubelet.GatewayPod pod = kubelet.run("redis");
        namespace.await("redis", "Converged", "Acknowledged");

        namespace.applied(redis("redis", "redis-b"));
        namespace.awaitStatus(
                "redis",
                status -> status.lastRetarget() != null && status.lastRetarget().convergedAt() != null);

        assertThat(pod.table()).contains("redis-b");
        assertThat(kubernetes
                        .resources(ControllerRevision.class)
                        .inNamespace(namespace.name())
                        .list()
                        .getItems())
                .isEmpty();
    }

    @ConcurrentTest
    void nothingOfAGatewayIsMadeWhenItsDeploymentIsRefused(GatewayNamespace namespace) {
        refuse(
                namespace,
                "apps",
                "deployments",
                "'team' in object.metadata.labels",
                "every Deployment needs the label team");

        namespace.apply(redis("redis", "redis-a"));
        AmbassadorStatus status = namespace.await("redis", "Accepted", "Refused");

        assertThat(message(status, "Accepted"))
                .contains("Deployment redis-ambassador", "every Deployment needs the label team");
        assertThat(namespace.objects("redis")).isEmpty();
        await().during(Duration.ofSeconds(3))
                .until(() -> namespace.objects("redis").isEmpty());
        assertThat(namespace.events("redis")).containsExactly("Refused");
    }

    @ConcurrentTest
    void anEditThatIsRefusedLeavesTheOldTableInPlaceAndAllOfIt(GatewayNamespace namespace, FakeKubelet kubelet)
            throws IOException {
        namespace.applied(redis("redis", "redis-a"));
        kubelet.run("redis");
        namespace.await("redis", "Converged", "Acknowledged");
        String table = namespace.table("redis");
        String service = namespace.version(Service.class, "redis");
        refuse(
                namespace,
                "",
                "configmaps",
                "!object.data.exists(key, object.data[key].contains('redis-b'))",
                "nobody goes to redis-b");

        String edit = "links: [" + link(6379, "redis-b") + ", " + link(6380, "redis-b") + "]";
        namespace.apply(manifest("redis", edit));
        AmbassadorStatus status = namespace.awaitStatus("redis", now -> now.observedGeneration() == 2);

        assertThat(reason(status, "Accepted")).isEqualTo("Refused");
        assertThat(message(status, "Accepted")).contains("ConfigMap redis-ambassador", "nobody goes to redis-b");
        assertThat(reason(status, "Ready")).isEqualTo("RelaysReady");
        assertThat(reason(status, "Converged")).isEqualTo("NotAccepted");
        assertThat(status.summary().target()).isEqualTo("redis-a:6379");
        assertThat(namespace.table("redis")).isEqualTo(table);
        assertThat(namespace.version(Service.class, "redis")).isEqualTo(service);

        namespace.apply(manifest("redis", edit, "retarget: {existingConnections: Keep}"));
        namespace.awaitStatus("redis", now -> now.observedGeneration() == 3);
        await().atMost(GatewayNamespace.SOON)
                .until(() -> namespace.eventMessages("redis", "Refused").size() == 2);
    }

    @ConcurrentTest
    void anEditOfAServedGatewaysDeploymentThatIsRefusedIsToldOnce(GatewayNamespace namespace, FakeKubelet kubelet)
            throws IOException {
        namespace.applied(redis("redis", "redis-a"));
        kubelet.run("redis");
        namespace.await("redis", "Converged", "Acknowledged");
        String table = namespace.table("redis");
        String deployment = namespace.version(Deployment.class, "redis-ambassador");
        refuse(
                namespace,
                "apps",
                "deployments",
                "object.spec.template.spec.containers[0].resources.limits['memory'] != '1Gi'",
                "no relay needs a gibibyte");

        namespace.apply(manifest(
                "redis",
                "links: [" + link(6379, "redis-b") + "]",
                "placement: {gateway: {resources: {limits: {memory: 1Gi}}}}"));
        AmbassadorStatus status = namespace.awaitStatus("redis", now -> now.observedGeneration() == 2);

        assertThat(reason(status, "Accepted")).isEqualTo("Refused");
        assertThat(message(status, "Accepted")).contains("Deployment redis-ambassador", "no relay needs a gibibyte");
        assertThat(reason(status, "Ready")).isEqualTo("RelaysReady");
        assertThat(status.summary().target()).isEqualTo("redis-a:6379");
        // Tried again meanwhile.
        await().during(Duration.ofSeconds(12))
                .atMost(GatewayNamespace.SOON)
                .until(() -> namespace.table("redis").equals(table)
                        && namespace
                                .version(Deployment.class, "redis-ambassador")
                                .equals(deployment));
        assertThat(namespace.eventMessages("redis", "Refused")).singleElement().satisfies(told -> assertThat(told)
                .contains("no relay needs a gibibyte"));

        everythingIsAllowedAgain();
        namespace.await("redis", "Accepted", "Accepted");
        namespace.await("redis", "Converged", "Acknowledged");
        assertThat(namespace.status("redis").summary().target()).isEqualTo("redis-b:6379");
    }

    @ConcurrentTest
    void anEditWhoseDeletionIsRefusedIsNotHalfApplied(GatewayNamespace namespace) {
        namespace.applied(redis("redis", "redis-a"));
        String table = namespace.table("redis");
        ofTheCluster.add(kubernetes
                .resource(
                        """
                        apiVersion: admissionregistration.k8s.io/v1
                        kind: ValidatingWebhookConfiguration
                        metadata: {name: nothing-is-deleted-in-%1$s}
                        webhooks:
                        - name: deletions.example.com
                          admissionReviewVersions: [v1]
                          sideEffects: None
                          clientConfig: {url: "https://127.0.0.1:1/", caBundle: ""}
                          rules: [{apiGroups: [""], apiVersions: [v1], operations: [DELETE], resources: [services]}]
                          namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %1$s}}
                        """
                                .formatted(namespace.name()))
                .create());
        var service = kubernetes.services().inNamespace(namespace.name()).withName("redis");
        await().atMost(GatewayNamespace.SOON)
                .until(() -> isRefused(() -> service.dryRun().delete()));

        namespace.apply(manifest(
                "redis", "links: [" + link(6379, "redis-b") + "]", "placement: {gateway: {service: {name: another}}}"));
        AmbassadorStatus status = namespace.awaitStatus("redis", now -> now.observedGeneration() == 2);

        assertThat(reason(status, "Accepted")).isEqualTo("Refused");
        assertThat(message(status, "Accepted")).contains("Service redis", "deletions.example.com");
        assertThat(namespace.table("redis")).isEqualTo(table);
        assertThat(namespace.get(Service.class, "another")).isEmpty();
    }

    @ConcurrentTest
    void aWebhookThatMustBeAskedAndDoesNotAnswerIsTold(GatewayNamespace namespace) {
        ofTheCluster.add(kubernetes
                .resource(
                        """
                        apiVersion: admissionregistration.k8s.io/v1
                        kind: ValidatingWebhookConfiguration
                        metadata: {name: nobody-answers}
                        webhooks:
                        - name: nobody.example.com
                          admissionReviewVersions: [v1]
                          sideEffects: None
                          clientConfig: {url: "https://127.0.0.1:1/", caBundle: ""}
                          rules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}]
                          namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %s}}
                        """
                                .formatted(namespace.name()))
                .create());
        namespace.apply(redis("redis", "redis-a"));
        AmbassadorStatus status = namespace.await("redis", "Accepted", "Refused");

        assertThat(message(status, "Accepted")).contains("nobody.example.com");
        assertThat(namespace.objects("redis")).isEmpty();
    }

    @ConcurrentTest
    void aRightThatTheOperatorLacksIsTold(GatewayNamespace namespace) {
        namespace.apply(
                manifest("redis", "links: [" + link(6379, "redis-a") + "]", "placement: {gateway: {replicas: 2}}"));
        AmbassadorStatus status = namespace.await("redis", "Accepted", "Refused");

        assertThat(message(status, "Accepted"))
                .contains("PodDisruptionBudget redis-ambassador", "User \"limited\" cannot create");
        assertThat(namespace.objects("redis")).isEmpty();
    }

    @ConcurrentTest
    void podsThatAreRefusedAreToldInTheWordsOfWhoRefusesThem(GatewayNamespace namespace) {
        namespace.applied(redis("redis", "redis-a"));
        String words =
                "pods \"redis-ambassador-5-x\" is forbidden: failed quota: team: must specify limits.cpu for: relay";
        namespace.refusePods("redis", words);

        AmbassadorStatus status =
                namespace.awaitStatus("redis", now -> message(now, "Ready").contains(words));

        assertThat(reason(status, "Ready")).isEqualTo("RelaysNotReady");
        assertThat(reason(status, "Accepted")).isEqualTo("Accepted");
        await().atMost(GatewayNamespace.SOON)
                .untilAsserted(() -> assertThat(namespace.eventMessages("redis", "ReplicaFailure"))
                        .singleElement()
                        .satisfies(told -> assertThat(told).contains(words)));
    }

    private static ResourceQuota quota(GatewayNamespace namespace, Map<String, String> hard) {
        Map<String, Quantity> quantities = new TreeMap<>();
        Map<String, Quantity> none = new TreeMap<>();
        hard.forEach((resource, amount) -> {
            quantities.put(resource, Quantity.parse(amount));
            none.put(resource, Quantity.parse("0"));
        });
        ResourceQuota quota = kubernetes
                .resource(new ResourceQuotaBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace.name())
                        .withName("team")
                        .endMetadata()
                        .withNewSpec()
                        .withHard(quantities)
                        .endSpec()
                        .build())
                .create();
        // Its controller does not run here, and what it does not say is not held to.
        kubernetes.resource(quota).editStatus(it -> new ResourceQuotaBuilder(it)
                .withNewStatus()
                .withHard(quantities)
                .withUsed(none)
                .endStatus()
                .build());
        HasMetadata service = Serialization.unmarshal(
                "apiVersion: v1\nkind: Service\nmetadata: {name: probe}\nspec: {ports: [{port: 1}]}", Service.class);
        await().until(() -> isRefused(service, namespace));
        return quota;
    }

    /** What Kyverno and Gatekeeper do, by what Kubernetes has itself. */
    private void refuse(GatewayNamespace namespace, String group, String resources, String unless, String sentence) {
        String name = "refuse-" + namespace.name();
        ofTheCluster.add(kubernetes
                .resource(
                        """
                        apiVersion: admissionregistration.k8s.io/v1
                        kind: ValidatingAdmissionPolicyBinding
                        metadata: {name: %1$s}
                        spec:
                          policyName: %1$s
                          validationActions: [Deny]
                          matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %1$s}}}
                        """
                                .formatted(name)
                                .replace("name: " + name + "}}}", "name: " + namespace.name() + "}}}"))
                .create());
        ofTheCluster.add(kubernetes
                .resource(
                        """
                        apiVersion: admissionregistration.k8s.io/v1
                        kind: ValidatingAdmissionPolicy
                        metadata: {name: %s}
                        spec:
                          failurePolicy: Fail
                          matchConstraints:
                            resourceRules:
                            - {apiGroups: ["%s"], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [%s]}
                          validations:
                          - {expression: "%s || object.metadata.name == 'allowed'", message: "%s"}
                          - {expression: "object.metadata.name != 'probe'", message: probe}
                        """
                                .formatted(name, group, resources, unless, sentence))
                .create());
        HasMetadata probe = resources.equals("deployments")
                ? Serialization.unmarshal(
                        """
                        apiVersion: apps/v1
                        kind: Deployment
                        metadata: {name: probe, labels: {team: a}}
                        spec:
                          selector: {matchLabels: {a: b}}
                          template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}
                        """,
                        Deployment.class)
                : Serialization.unmarshal(
                        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: probe}\ndata: {}", ConfigMap.class);
        // It learns of its policies in its own time.
        await().atMost(GatewayNamespace.SOON).until(() -> isRefused(probe, namespace));
    }

    private static boolean isRefused(HasMetadata object, GatewayNamespace namespace) {
        return isRefused(() -> kubernetes
                .resource(object)
                .inNamespace(namespace.name())
                .dryRun()
                .create());
    }

    private static boolean isRefused(Runnable request) {
        try {
            request.run();
            return false;
        } catch (KubernetesClientException e) {
            return true;
        }
    }

    private static final class Listener extends Handler {
        @Override
        public void publish(LogRecord line) {
            if (line.getThrown() != null) {
                THROWN.add(line);
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
