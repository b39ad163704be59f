package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import link.ambassador.config.Labels;
import link.ambassador.kubernetes.ApiServer;
import link.ambassador.kubernetes.Kubectl;
import link.ambassador.kubernetes.Namespaces;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The components of {@code kubernetes/install}, named by a kustomization as a user writes it. */
@ExtendWith(ApiServer.class)
class InstallComponentsIT {
    private static final String NAMESPACE = "install-components-it";
    private static final Duration TAKEOVER = Duration.ofSeconds(20);

    private static KubernetesClient administrator;
    private static Kubectl kubectl;

    @BeforeAll
    static void install(KubernetesClient client, @TempDir Path directory) throws Exception {
        administrator = client;
        kubectl = new Kubectl(client, NAMESPACE, directory);
        Installation.apply(kubectl);
        Namespaces.apply(client, NAMESPACE, Map.of());
    }

    @AfterAll
    static void noWebhook() throws Exception {
        // No Service leads anywhere here: each pod of the tests that follow would wait for it.
        kubectl.run("", "delete", "mutatingwebhookconfiguration", "ambassador-webhook")
                .succeeded();
    }

    @Test
    void namespacedGrantsTheNamespacesThatItNames() throws Exception {
        String folder = with("namespaced", "labelled");
        List<String> named = List.of(told(folder).split(","));

        assertThat(kubectl.run("", "apply", "-k", folder, "--dry-run=server")
                        .succeeded()
                        .output())
                .doesNotContain("Warning");
        assertThat(rendered(folder, RoleBinding.class).stream()
                        .filter(binding -> binding.getRoleRef().getKind().equals("ClusterRole"))
                        .map(binding -> binding.getMetadata().getNamespace()))
                .containsExactlyElementsOf(named);
        assertThat(rendered(folder, ClusterRoleBinding.class))
                .extracting(binding -> binding.getRoleRef().getName())
                .containsExactly("ambassador-operator-webhook");
        assertThat(namespacesAskedAbout(folder)).hasSize(2).allSatisfy(asked -> assertThat(asked)
                .contains(
                        new LabelSelectorRequirement("kubernetes.io/metadata.name", "In", named),
                        new LabelSelectorRequirement(Labels.INJECTION, "In", List.of("enabled"))));
    }

    @Test
    void withNamespacedNoRightElsewhereIsNeeded() throws Exception {
        Config account = Installation.operatorAccount(administrator);
        kubectl.run("", "apply", "-k", with("namespaced")).succeeded();
        kubectl.run("", "delete", "clusterrolebinding", "ambassador-operator").succeeded();
        try {
            await().until(() -> !mayListAmbassadors("--all-namespaces"));
            assertThat(mayListAmbassadors("--namespace=default")).isTrue();
            assertThat(mayListAmbassadors("--namespace=" + NAMESPACE)).isFalse();

            Map<String, String> narrow =
                    Map.of("AMBASSADOR_NAMESPACES", "default", "AMBASSADOR_LEADER_ELECTION", "true");
            try (JavaOperator process = JavaOperator.start(account, narrow)
                    // Of another test's.
                    .allowing(" WARN The previous leader, ")
                    .started()) {
                await().atMost(TAKEOVER).until(process::leads);
                assertThat(process.toString()).doesNotContainIgnoringCase("forbidden");
            }
            try (JavaOperator process = JavaOperator.start(account, Map.of())
                    .expecting(" ERROR this operator's account lacks a right that kubernetes/install grants")
                    // Of all that it watches, and what its end interrupts.
                    .allowing(" WARN .*(is forbidden|Client is closed|Connection (evicted|was closed))")) {
                assertThat(process.status(Duration.ofSeconds(60))).isEqualTo(1);
                assertThat(process.toString())
                        .contains("lacks a right that kubernetes/install grants")
                        .contains("ambassadors.ambassador.link is forbidden");
            }
        } finally {
            kubectl.run("", "apply", "-k", "kubernetes/install").succeeded();
            await().until(() -> mayListAmbassadors("--all-namespaces"));
        }
    }

    @Test
    void withLabelledThePodsOfLabelledNamespacesAloneAreAskedAbout() throws Exception {
        kubectl.run("", "apply", "-k", with("labelled")).succeeded();

        await("pods of others are not asked about").until(() -> creating().status() == 0);
        kubectl.run("", "label", "namespace", NAMESPACE, Labels.INJECTION + "=enabled")
                .succeeded();
        // Nothing answers here.
        await().until(() -> creating().output().contains("failed calling webhook \"required.pods.ambassador.link\""));
    }

    /** A pod is rejected when the webhook, which must be called for it, does not answer. */
    private static Kubectl.Result creating() throws Exception {
        return kubectl.run(
                "",
                "run",
                "web",
                "--image=example.com/web",
                "--labels=" + Labels.INJECT + "=required",
                "--dry-run=server");
    }

    private static boolean mayListAmbassadors(String where) throws Exception {
        String account = "--as=system:serviceaccount:" + Installation.NAMESPACE + ":" + Installation.ACCOUNT;
        return kubectl.run("", "auth", "can-i", "list", "ambassadors", account, where)
                        .status()
                == 0;
    }

    static String with(String... components) throws IOException {
        Path folder = Path.of("target/kustomizations", String.join("-", components));
        Files.createDirectories(folder);
        String install = folder.relativize(Path.of("kubernetes/install")).toString();
        String paths = Stream.of(components)
                .map(component -> install + "/" + component)
                .collect(Collectors.joining(", "));
        Files.writeString(
                folder.resolve("kustomization.yaml"),
                """
                apiVersion: kustomize.config.k8s.io/v1beta1
                kind: Kustomization
                resources: [%s]
                components: [%s]
                """
                        .formatted(install, paths));
        return folder.toString();
    }

    /** The namespaces in the operator's settings. */
    private static String told(String folder) throws Exception {
        Container container = rendered(folder, Deployment.class)
                .get(0)
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .get(0);
        return container.getEnv().stream()
                .filter(variable -> variable.getName().equals("AMBASSADOR_NAMESPACES"))
                .findFirst()
                .orElseThrow()
                .getValue();
    }

    private static List<List<LabelSelectorRequirement>> namespacesAskedAbout(String folder) throws Exception {
        return rendered(folder, MutatingWebhookConfiguration.class).get(0).getWebhooks().stream()
                .map(entry -> entry.getNamespaceSelector().getMatchExpressions())
                .toList();
    }

    private static <T extends HasMetadata> List<T> rendered(String folder, Class<T> type) throws Exception {
        String yaml = kubectl.run("", "kustomize", folder).succeeded().output();
        return administrator.load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8))).items().stream()
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }
}
