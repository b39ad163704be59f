package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.config.RelayImage;
import link.ambassador.kubernetes.ApiServer;
import link.ambassador.kubernetes.Kubectl;
import link.ambassador.kubernetes.Namespaces;
import link.ambassador.model.CaBundle;
import link.ambassador.operator.gateway.GatewayCase;
import link.ambassador.operator.gateway.GatewayObjects;
import link.ambassador.operator.gateway.GatewaySurroundings;
import link.ambassador.operator.trust.CaBundleCache;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an attacker with the operator's token can do: each write starts from one that the operator itself sends. */
@ExtendWith(ApiServer.class)
class PoliciesIT {
    private static final String NAMESPACE = "policies-it";
    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

    private static final String RETARGET =
            """
            apiVersion: apps/v1
            kind: ControllerRevision
            metadata:
              name: redis-ambassador-2
              namespace: %s
              labels: {ambassador.link/retarget-of: redis, app.kubernetes.io/managed-by: ambassador-operator}
              annotations: {ambassador.link/changed-by: kubectl-edit, ambassador.link/started-at: "2026-11-30T15:20:00Z"}
              ownerReferences:
              - {apiVersion: ambassador.link/v1alpha1, kind: Ambassador, name: redis, uid: 9d7cbf4e-0000-0000-0000-000000000000,
                 controller: true, blockOwnerDeletion: true}
            revision: 2
            data: {before: {links: []}, after: {links: []}}
            """
                    .formatted(NAMESPACE);

    private static KubernetesClient administrator;
    private static KubernetesClient operator;
    private static GatewayObjects gateway;

    @BeforeAll
    static void install(KubernetesClient client, @TempDir Path directory) throws Exception {
        administrator = client;
        Installation.apply(new Kubectl(client, NAMESPACE, directory));
        operator = new KubernetesClientBuilder()
                .withConfig(Installation.operatorAccount(client))
                .build();
        Namespaces.apply(client, NAMESPACE, Map.of());
        Ambassador ambassador = Serialization.unmarshal(
                """
                apiVersion: ambassador.link/v1alpha1
                kind: Ambassador
                metadata: {name: redis, namespace: %s, uid: 9d7cbf4e-0000-0000-0000-000000000000}
                spec:
                  links: [{listen: 6379, targets: [{host: 192.168.1.52, port: 6379}]}]
                  placement: {gateway: {replicas: 2}}
                """
                        .formatted(NAMESPACE),
                Ambassador.class);
        gateway = GatewayObjects.of(
                ambassador,
                GatewayCase.table(ambassador),
                List.of("orders-db-server", "redis-auth/redis-password"),
                RelayImage.named("example.com/a:1"),
                GatewaySurroundings.NONE);
        // The API server learns of its policies in its own time.
        for (HasMetadata object : gateway.all()) {
            await().until(() -> refusal(() -> create(withoutOwner(object))) != null);
        }
    }

    @AfterAll
    static void close() {
        operator.close();
        // No Service leads anywhere here: each pod of the tests that follow would wait for it.
        administrator
                .admissionRegistration()
                .v1()
                .mutatingWebhookConfigurations()
                .withName("ambassador-webhook")
                .delete();
    }

    @AfterEach
    void nothingStays() {
        gateway.all().forEach(object -> administrator.resource(object).delete());
    }

    @Test
    void whatAGatewayIsMadeOfPassesAndIsChangedAndDeleted() {
        for (HasMetadata object : gateway.all()) {
            operator.resource(object).create();
        }
        // By the operator's own way to change: server-side apply.
        for (HasMetadata object : gateway.all()) {
            object.getMetadata().setManagedFields(null);
            operator.resource(object)
                    .fieldManager("ambassador-operator")
                    .forceConflicts()
                    .serverSideApply();
        }
        for (HasMetadata object : gateway.all()) {
            operator.resource(object).delete();
        }
        assertThat(administrator
                        .services()
                        .inNamespace(NAMESPACE)
                        .withName("redis")
                        .get())
                .isNull();
    }

    /** As the next version may have it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "spec: {replicas: null}",
                "spec: {template: {spec: {securityContext: {runAsUser: null, runAsGroup: null}}}}",
                "spec: {template: {spec: {volumes: [{name: links, configMap: {name: redis-ambassador}}]}}}",
            })
    void smallerGatewaysPassToo(String change) {
        ObjectNode deployment = changed(gateway.deployment(), change);
        if (change.contains("volumes")) {
            relay(deployment).remove("volumeMounts");
        }
        relay(deployment)
                .withObjectProperty("resources")
                .withObjectProperty("limits")
                .put("cpu", "1");

        assertThat(refusal(() -> create(deployment))).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {securityContext: {runAsUser: 0}}                                           | pass PodSecurity
                    {securityContext: {runAsNonRoot: false}}                                    | pass PodSecurity
                    {securityContext: {seccompProfile: {type: Unconfined}}}                     | pass PodSecurity
                    {securityContext: {appArmorProfile: {type: Unconfined}}}                    | pass PodSecurity
                    {securityContext: {fsGroup: 0}}                                             | pass PodSecurity
                    {securityContext: {sysctls: [{name: net.ipv4.ip_local_port_range, value: '1 2'}]}} | pass PodSecurity
                    {securityContext: {windowsOptions: {gmsaCredentialSpecName: x}}}            | pass PodSecurity
                    {automountServiceAccountToken: true}                                        | no ServiceAccount and no token
                    {automountServiceAccountToken: null}                                        | no ServiceAccount and no token
                    {serviceAccountName: admin}                                                 | no ServiceAccount and no token
                    {serviceAccount: admin}                                                     | no ServiceAccount and no token
                    {hostNetwork: true, securityContext: {sysctls: null}}                       | share nothing with their node
                    {hostPID: true}                                                             | share nothing with their node
                    {hostIPC: true}                                                             | share nothing with their node
                    {hostUsers: false}                                                          | share nothing with their node
                    {shareProcessNamespace: true}                                               | share nothing with their node
                    {nodeName: control-plane-1}                                                 | ask for no node, priority or runtime
                    {nodeSelector: {a: b}}                                                      | ask for no node, priority or runtime
                    {affinity: {nodeAffinity: {}}}                                              | ask for no node, priority or runtime
                    {tolerations: [{operator: Exists}]}                                         | ask for no node, priority or runtime
                    {priorityClassName: system-node-critical}                                   | ask for no node, priority or runtime
                    {runtimeClassName: kata}                                                    | ask for no node, priority or runtime
                    {schedulerName: mine}                                                       | ask for no node, priority or runtime
                    {dnsPolicy: Default}                                                        | share nothing with their node
                    {hostAliases: [{ip: 1.2.3.4, hostnames: [a]}]}                              | share nothing with their node
                    {imagePullSecrets: [{name: somebodys}]}                                     | Secrets that the installation names
                    {resourceClaims: [{name: gpu, resourceClaimName: theirs}]}                  | share nothing with their node
                    {initContainers: [{name: i, image: x}]}                                     | run nothing but the relay
                    {volumes: [{name: links, secret: {secretName: s}}]}                         | mount only the ConfigMap of their gateway
                    {volumes: [{name: links, hostPath: {path: /}}]}                             | mount only the ConfigMap of their gateway
                    {volumes: [{name: links, configMap: {name: theirs}}]}                       | mount only the ConfigMap of their gateway
                    {volumes: [{name: links, projected: {sources: [{serviceAccountToken: {path: t}}]}}]} | mount only the ConfigMap of their gateway
                    {volumes: [{name: links, projected: {sources: [{secret: {name: links, items: [{key: tls.crt, path: tls.crt}, {key: tls.key, path: tls.key}]}}]}}]} | only tls.crt, tls.key and passwords
                    {volumes: [{name: ambassador-tls-a, secret: {secretName: a}}]}              | only tls.crt, tls.key and passwords
                    {volumes: [{name: ambassador-tls-a, projected: {sources: [{secret: {name: a}}]}}]} | only tls.crt, tls.key and passwords
                    {volumes: [{name: ambassador-tls-a, projected: {sources: [{secret: {name: b, items: [{key: tls.crt, path: tls.crt}, {key: tls.key, path: tls.key}]}}]}}]} | only tls.crt, tls.key and passwords
                    {volumes: [{name: ambassador-tls-a, projected: {sources: [{secret: {name: a, items: [{key: token, path: tls.crt}, {key: tls.key, path: tls.key}]}}]}}]} | only tls.crt, tls.key and passwords
                    {volumes: [{name: ambassador-tls-a, projected: {sources: [{secret: {name: a, items: [{key: tls.crt, path: ../x}, {key: tls.key, path: tls.key}]}}]}}]} | '..'
                    {volumes: [{name: ambassador-tls-a, projected: {sources: [{secret: {name: a, items: [{key: tls.crt, path: tls.crt}, {key: tls.key, path: tls.key}, {key: token, path: token}]}}]}}]} | only tls.crt, tls.key and passwords
                    {volumes: [{name: ambassador-tls-a, projected: {sources: [{secret: {name: a, items: [{key: tls.crt, path: tls.crt}, {key: tls.key, path: tls.key}]}}, {serviceAccountToken: {path: t}}]}}]} | only tls.crt, tls.key and passwords
                    {volumes: [{name: ambassador-tls-a, projected: {sources: [{secret: {name: a, items: [{key: token, path: token}]}}]}}]} | only tls.crt, tls.key and passwords
                    {volumes: [{name: ambassador-tls-a, projected: {sources: [{secret: {name: a, items: [{key: token, path: password}]}}]}}]} | only tls.crt, tls.key and passwords
                    {volumes: [{name: ambassador-tls-a, projected: {sources: [{secret: {name: a, items: [{key: password, path: tls.key}]}}]}}]} | only tls.crt, tls.key and passwords
                    {volumes: [{name: ambassador-tls-a, projected: {sources: [{secret: {name: a, items: []}}]}}]} | only tls.crt, tls.key and passwords
                    {volumes: [{name: links, emptyDir: {}}]}                                    | mount only the ConfigMap of their gateway
                    {volumes: [{name: links, csi: {driver: x}}]}                                | mount only the ConfigMap of their gateway
                    {volumes: [{name: links, image: {reference: x}}]}                           | mount only the ConfigMap of their gateway
                    {volumes: [{name: links, persistentVolumeClaim: {claimName: x}}]}           | mount only the ConfigMap of their gateway
                    """)
    void aPodThatIsNoGatewaysIsRefused(String change, String sentence) {
        ObjectNode deployment = changed(gateway.deployment(), "spec: {template: {spec: " + change + "}}");
        if (change.contains("volumes")) {
            relay(deployment).remove("volumeMounts");
        }

        assertThat(refusal(() -> create(deployment))).contains(sentence);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {securityContext: {privileged: true, allowPrivilegeEscalation: null}}       | no privileges and no capabilities
                    {securityContext: {allowPrivilegeEscalation: true}}                         | no privileges and no capabilities
                    {securityContext: {capabilities: {add: [SYS_ADMIN, SYS_MODULE]}}}           | no privileges and no capabilities
                    {securityContext: {capabilities: {drop: null, add: [NET_ADMIN]}}}           | no privileges and no capabilities
                    {securityContext: {runAsNonRoot: false}}                                    | no privileges and no capabilities
                    {securityContext: {runAsUser: 0}}                                           | no privileges and no capabilities
                    {securityContext: {procMount: Default}}                                     | no privileges and no capabilities
                    {securityContext: {seccompProfile: {type: Unconfined}}}                     | no privileges and no capabilities
                    {securityContext: {appArmorProfile: {type: Unconfined}}}                    | no privileges and no capabilities
                    {securityContext: {seLinuxOptions: {type: spc_t}}}                          | no privileges and no capabilities
                    {ports: [{containerPort: 22, hostPort: 22}]}                                | no port on its node
                    {env: [{name: AMBASSADOR_A, valueFrom: {secretKeyRef: {name: s, key: k}}}]} | reads no Secret
                    {env: [{name: AMBASSADOR_A, valueFrom: {fieldRef: {fieldPath: spec.serviceAccountName}}}]} | address and name
                    {env: [{name: POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]}   | no variables but its own
                    {env: [{name: AMBASSADOR_A, valueFrom: {configMapKeyRef: {name: c, key: k}}}]} | no variables but its own
                    {env: [{name: LD_PRELOAD, value: x}]}                                       | no variables but its own
                    {envFrom: [{secretRef: {name: s}}]}                                         | one container, the relay
                    {command: [sh]}                                                             | one container, the relay
                    {args: [operator]}                                                          | one container, the relay
                    {name: other}                                                               | one container, the relay
                    {stdin: true}                                                               | one container, the relay
                    {resources: {limits: {example.com/device: 1}}}                              | and for no device
                    {livenessProbe: {httpGet: {host: 169.254.169.254}}}                         | at its own address, and by HTTP alone
                    {livenessProbe: {httpGet: null, exec: {command: [sh]}}}                     | at its own address, and by HTTP alone
                    {lifecycle: {postStart: {exec: {command: [sh]}}}}                           | at its own address, and by HTTP alone
                    {lifecycle: {preStop: {sleep: null, httpGet: {host: 169.254.169.254, port: 80}}}} | at its own address, and by HTTP alone
                    """)
    void aContainerThatIsNoRelayIsRefused(String change, String sentence) {
        ObjectNode deployment = tree(gateway.deployment());
        merge(relay(deployment), (ObjectNode)
                Serialization.unmarshal("relay: " + change, ObjectNode.class).path("relay"));

        assertThat(refusal(() -> create(deployment))).contains(sentence);
    }

    @Test
    void aSecondContainerIsRefused() {
        ObjectNode deployment = tree(gateway.deployment());
        ObjectNode second = relay(deployment).deepCopy().put("name", "second");
        deployment
                .withObjectProperty("spec")
                .withObjectProperty("template")
                .withObjectProperty("spec")
                .withArrayProperty("containers")
                .add(second);

        assertThat(refusal(() -> create(deployment))).contains("one container, the relay");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    spec: {template: {metadata: {labels: {app: web}}}}                          | the labels of their gateway and no others
                    spec: {template: {metadata: {labels: {app.kubernetes.io/instance: web}}}}   | the labels of their gateway and no others
                    spec: {template: {metadata: {labels: {ambassador.link/inject: required}}}}  | the labels of their gateway and no others
                    spec: {template: {metadata: {annotations: {k8s.v1.cni.cncf.io/networks: x}}}} | the labels of their gateway and no others
                    metadata: {name: web}                                                       | called after
                    spec: {selector: {matchLabels: {app.kubernetes.io/name: ambassador}}}       | selects its own pods
                    metadata: {namespace: kube-system}                                          | denied request
                    """)
    void aDeploymentThatIsNoGatewaysIsRefused(String change, String sentence) {
        assertRefused(gateway.deployment(), change, sentence);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    spec: {externalIPs: [8.8.8.8]}                                              | no other address from outside
                    spec: {type: NodePort, externalIPs: [8.8.8.8]}                              | no other address from outside
                    spec: {type: LoadBalancer, loadBalancerIP: 8.8.8.8}                         | no other address from outside
                    spec: {type: LoadBalancer, loadBalancerSourceRanges: [0.0.0.0/0]}           | no other address from outside
                    spec: {type: LoadBalancer, externalTrafficPolicy: Local}                    | no other address from outside
                    spec: {type: ExternalName, externalName: evil.example.com}                  | no other address from outside
                    spec: {publishNotReadyAddresses: true}                                      | no other address from outside
                    spec: {selector: {ambassador.link/gateway: null, app: web}}                 | its own pods behind it
                    spec: {selector: {ambassador.link/gateway: other}}                          | its own pods behind it
                    spec: {selector: null}                                                      | its own pods behind it
                    metadata: {namespace: kube-system}                                          | nothing in a namespace of Kubernetes
                    metadata: {ownerReferences: null}                                           | only what an Ambassador controls
                    """)
    void aServiceThatIsNoGatewaysIsRefused(String change, String sentence) {
        assertRefused(gateway.service(), change, sentence);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{type: NodePort}",
                "{type: LoadBalancer}",
                "{type: LoadBalancer, loadBalancerClass: example.com/internal}",
            })
    void aServiceOfATypeThatAnAmbassadorCanAskForPasses(String spec) {
        Service service = Serialization.unmarshal(
                Serialization.asJson(changed(gateway.service(), "spec: " + spec)), Service.class);
        service.getMetadata().setManagedFields(null);
        operator.resource(service).create();
        // And back, by the operator's own way to change.
        Service plain = Serialization.clone(gateway.service());
        plain.getMetadata().setManagedFields(null);
        operator.resource(plain)
                .fieldManager("ambassador-operator")
                .forceConflicts()
                .serverSideApply();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    metadata: {namespace: kube-system}                                          | nothing in a namespace of Kubernetes
                    metadata: {name: aws-auth}                                                  | called after it
                    metadata: {name: coredns-custom}                                            | called after it
                    data: {x.override: rewrite}                                                 | links.json and nothing else
                    immutable: true                                                             | links.json and nothing else
                    """)
    void aConfigMapThatIsNoGatewaysIsRefused(String change, String sentence) {
        assertRefused(gateway.configMap(), change, sentence);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    spec: {selector: {matchLabels: {ambassador.link/gateway: null, app: web}}}  | about its own pods
                    spec: {selector: {matchExpressions: [{key: a, operator: DoesNotExist}]}}    | about its own pods
                    metadata: {name: all}                                                       | called after it
                    """)
    void aBudgetThatIsNoGatewaysIsRefused(String change, String sentence) {
        assertRefused(gateway.disruptionBudget().orElseThrow(), change, sentence);
    }

    @Test
    void aGatewayIsPulledWithTheSecretsThatTheInstallationNames(@TempDir Path directory) throws Exception {
        Kubectl kubectl = new Kubectl(administrator, NAMESPACE, directory);
        String named = "spec: {template: {spec: {imagePullSecrets: [{name: registry}]}}}";
        String others = "spec: {template: {spec: {imagePullSecrets: [{name: registry}, {name: somebodys}]}}}";
        assertRefused(gateway.deployment(), named, "Secrets that the installation names");
        try {
            kubectl.run("", "apply", "-k", InstallComponentsIT.with("image")).succeeded();

            await().until(() -> refusal(() -> create(changed(gateway.deployment(), named))) == null);
            administrator.resource(gateway.deployment()).delete();
            assertRefused(gateway.deployment(), others, "Secrets that the installation names");
            assertRefused(
                    gateway.deployment(),
                    "spec: {template: {spec: {imagePullSecrets: [{name: ''}]}}}",
                    "Secrets that the installation names");
        } finally {
            Installation.apply(kubectl);
        }
        await().until(() -> {
            administrator.resource(gateway.deployment()).delete();
            return refusal(() -> create(changed(gateway.deployment(), named))) != null;
        });
    }

    @Test
    void aRetargetIsRememberedAndForgotten() {
        HasMetadata retarget = Serialization.unmarshal(RETARGET, ControllerRevision.class);

        HasMetadata created = operator.resource(retarget).create();
        operator.resource(created)
                .patch(
                        MERGE,
                        "{\"metadata\": {\"annotations\": {\"ambassador.link/converged-at\": \"2026-11-30T15:20:00Z\"}}}");
        operator.resource(created).delete();

        assertThat(administrator.resource(retarget).get()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    metadata: {ownerReferences: null}                                           | only what an Ambassador controls
                    metadata: {namespace: kube-system}                                          | nothing in a namespace of Kubernetes
                    metadata: {name: redis-ambassador}                                          | called after it
                    metadata: {name: web-5d7c9}                                                 | called after it
                    metadata: {name: redis-ambassador-2x}                                       | called after it
                    metadata: {labels: {ambassador.link/retarget-of: null, app: web}}           | the label of a retarget
                    metadata: {labels: {ambassador.link/retarget-of: other}}                    | the label of a retarget
                    data: {spec: {template: {}}}                                                | links before and after
                    """)
    void aControllerRevisionThatIsNoRetargetIsRefused(String change, String sentence) {
        assertRefused(Serialization.unmarshal(RETARGET, ControllerRevision.class), change, sentence);
    }

    /** A StatefulSet's or a DaemonSet's, whose change would be their next rollback's pods. */
    @Test
    void theControllerRevisionsOfOthersStayAsTheyAre() {
        HasMetadata others = administrator
                .resource(Serialization.unmarshal(
                        """
                        apiVersion: apps/v1
                        kind: ControllerRevision
                        metadata: {name: web-5d7c9, namespace: %s}
                        revision: 1
                        data: {spec: {template: {}}}
                        """
                                .formatted(NAMESPACE),
                        ControllerRevision.class))
                .create();

        assertThat(refusal(() -> operator.resource(others).patch(MERGE, "{\"revision\": 2}")))
                .contains("only what an Ambassador controls");
        assertThat(refusal(() -> operator.resource(others).delete())).contains("only what an Ambassador controls");
        administrator.resource(others).delete();
    }

    @Test
    void whatOthersAddToAGatewayDoesNotStopTheOperator() {
        Deployment created = operator.resource(gateway.deployment()).create();
        administrator
                .resource(created)
                .patch(
                        MERGE,
                        """
                        {"spec": {"template": {
                          "metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "now"}, "labels": {"team": "a"}},
                          "spec": {"tolerations": [{"operator": "Exists"}], "nodeSelector": {"pool": "relays"},
                            "imagePullSecrets": [{"name": "registry"}], "priorityClassName": "high"}}}}""");

        Deployment next = Serialization.clone(gateway.deployment());
        next.getSpec().getTemplate().getSpec().getContainers().get(0).setImage("example.com/a:2");
        operator.resource(next)
                .fieldManager("ambassador-operator")
                .forceConflicts()
                .serverSideApply();

        Deployment after = administrator.resource(created).get();
        assertThat(after.getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .get(0)
                        .getImage())
                .isEqualTo("example.com/a:2");
        assertThat(after.getSpec().getTemplate().getSpec().getTolerations()).hasSize(1);
        // But it may not change that part.
        assertThat(
                        refusal(
                                () -> operator.resource(created)
                                        .patch(
                                                MERGE,
                                                "{\"spec\":{\"template\":{\"spec\":{\"nodeSelector\":{\"pool\":\"control-plane\"}}}}}")))
                .contains("ask for no node");
    }

    /** The kubelet brings Secrets into pods: the operator can mount them, and not read them. */
    @Test
    void theOperatorReadsAConfigMapThatALinkNamesAndNoSecret() throws IOException {
        administrator
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace(NAMESPACE)
                        .withName("company-ca")
                        .endMetadata()
                        .withData(Map.of("ca.crt", Files.readString(Path.of("src/test/resources/tls/ca-a.pem"))))
                        .build())
                .create();
        CaBundleCache bundles = new CaBundleCache(operator);
        try {
            await().until(() -> bundles.in(NAMESPACE, "company-ca") instanceof CaBundle.Known);
        } finally {
            bundles.stop();
        }
        assertThat(refusal(() -> operator.secrets()
                        .inNamespace(NAMESPACE)
                        .withName("orders-db-server")
                        .get()))
                .contains("cannot get resource \"secrets\"");
        assertThat(refusal(() -> operator.secrets().inNamespace(NAMESPACE).list()))
                .contains("cannot list resource \"secrets\"");
    }

    /** {@code namespace:} of a kustomization moves the account, and no word of an expression. */
    @Test
    void theOperatorIsHeldInWhicheverNamespaceItIsInstalled() {
        Config moved = new ConfigBuilder(administrator.getConfiguration())
                .withImpersonateUsername("system:serviceaccount:platform-ambassador:ambassador-operator")
                .withImpersonateGroups("system:masters")
                .build();
        try (KubernetesClient elsewhere =
                new KubernetesClientBuilder().withConfig(moved).build()) {
            for (HasMetadata object : gateway.all()) {
                String text = Serialization.asJson(withoutOwner(object));
                assertThat(refusal(() -> elsewhere.resource(text).dryRun().create()))
                        .contains("ambassador-operator-", "denied request");
            }
        }
    }

    /** The type checker of the API server runs in a controller, which does not run here; an expression that fails denies. */
    @Test
    void everyPolicyDeniesAndFails() {
        assertThat(administrator
                        .admissionRegistration()
                        .v1()
                        .validatingAdmissionPolicies()
                        .list()
                        .getItems())
                .filteredOn(policy -> policy.getMetadata().getName().startsWith("ambassador-"))
                .hasSize(3)
                .extracting(ValidatingAdmissionPolicy::getSpec)
                .allSatisfy(spec -> assertThat(spec.getFailurePolicy()).isEqualTo("Fail"));
    }

    @Test
    void theOperatorFindsAtItsStartThatTheyHold() throws Exception {
        assertThat(check(operator)).hasSize(2).allMatch(holds -> holds == 1);
    }

    @Test
    void anAccountThatTheyDoNotHoldIsTold() throws Exception {
        assertThat(check(administrator)).hasSize(2).allMatch(holds -> holds == 0);
    }

    private static List<Double> check(KubernetesClient account) throws InterruptedException {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        new PolicyCheck(account, NAMESPACE, Optional.empty(), registry, Duration.ofMillis(1))
                .run(new CountDownLatch(1));
        return registry.find("ambassador.policy.holds").gauges().stream()
                .map(Gauge::value)
                .toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    201 | {}                                                                                    | DOES_NOT_HOLD
                    403 | ValidatingAdmissionPolicy 'ambassador-operator-owned' with binding … denied request: …  | HOLDS
                    403 | ValidatingAdmissionPolicy 'somebody-elses' with binding … denied request: …             | UNKNOWN
                    403 | configmaps is forbidden: User cannot create resource                                  | UNKNOWN
                    500 | no endpoints                                                                          | UNKNOWN
                    """)
    void onlyTheWordOfThePolicyItselfSaysThatItHolds(int status, String body, PolicyCheck.Verdict verdict) {
        assertThat(PolicyCheck.verdict("ambassador-operator-owned", status, body))
                .isEqualTo(verdict);
    }

    private static void assertRefused(HasMetadata object, String change, String sentence) {
        assertThat(refusal(() -> create(changed(object, change)))).contains(sentence);
    }

    private static ObjectNode changed(HasMetadata object, String change) {
        ObjectNode tree = tree(object);
        merge(tree, Serialization.unmarshal(change, ObjectNode.class));
        return tree;
    }

    private static ObjectNode tree(HasMetadata object) {
        return Serialization.unmarshal(Serialization.asJson(object), ObjectNode.class);
    }

    private static ObjectNode withoutOwner(HasMetadata object) {
        return changed(object, "metadata: {ownerReferences: null}");
    }

    private static ObjectNode relay(ObjectNode deployment) {
        return (ObjectNode) deployment
                .path("spec")
                .path("template")
                .path("spec")
                .path("containers")
                .path(0);
    }

    /** RFC 7396. */
    private static void merge(ObjectNode target, ObjectNode change) {
        for (Map.Entry<String, JsonNode> member : change.properties()) {
            if (member.getValue().isNull()) {
                target.remove(member.getKey());
            } else if (member.getValue() instanceof ObjectNode object
                    && target.path(member.getKey()).isObject()) {
                merge((ObjectNode) target.path(member.getKey()), object);
            } else {
                target.set(member.getKey(), member.getValue());
            }
        }
    }

    /** By the operator's account; nothing is stored. */
    private static Object create(ObjectNode object) {
        return operator.resource(Serialization.asJson(object)).dryRun().create();
    }

    /** The API server's words when it refuses; null when it does not. */
    private static String refusal(Callable<?> call) {
        try {
            call.call();
            return null;
        } catch (KubernetesClientException e) {
            return e.getMessage();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
