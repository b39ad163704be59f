package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import link.ambassador.config.Version;
import link.ambassador.kubernetes.ApiServer;
import link.ambassador.kubernetes.Kubectl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The bundle for OLM as operator-framework's own library finds it, and what is applied after it. An *IT for the programs that it needs. */
@ExtendWith(ApiServer.class)
class OlmBundleIT {
    /** OLM makes them of the ClusterServiceVersion. */
    private static final Set<String> MADE_BY_OLM =
            Set.of("Namespace", "ServiceAccount", "Deployment", "Role", "RoleBinding", "ClusterRoleBinding");

    @Test
    void operatorFrameworksLibraryFindsTheBundleValid() throws Exception {
        String validator = run("src/test/cluster/olm/build").strip();
        OlmBundle.write();

        // It takes every right on PodDisruptionBudgets, which has no version, for one on policy/v1beta1.
        String mistake =
                "Migrate the API(s) for poddisruptionbudgets: ([\"ClusterServiceVersion.Spec.InstallStrategy.StrategySpec"
                        + ".ClusterPermissions";
        assertThat(run(validator, OlmBundle.FOLDER.toString()).lines())
                .filteredOn(finding -> !finding.contains(mistake))
                .containsExactly("valid");
    }

    @Test
    void theBundleAndWhatIsAppliedAfterItAreTheInstallation(KubernetesClient client, @TempDir Path directory)
            throws Exception {
        Kubectl kubectl = new Kubectl(client, "default", directory);
        Set<String> installed = objects(kubectl, "kubernetes/install");
        Set<String> parts = new TreeSet<>(objects(kubectl, "kubernetes/olm/after"));
        OlmBundle.write().forEach((path, content) -> {
            if (path.startsWith("manifests/")) {
                parts.add(name(content));
            }
        });
        assertThat(parts.remove(
                        "ClusterServiceVersion/ambassador.v" + Version.read().toLowerCase(Locale.ROOT)))
                .isTrue();

        assertThat(installed).containsAll(parts);
        installed.removeAll(parts);
        installed.removeIf(object -> MADE_BY_OLM.contains(object.split("/", -1)[0]));
        // Its rights are in the ClusterServiceVersion.
        assertThat(installed)
                .containsExactly("ClusterRole/ambassador-operator", "ClusterRole/ambassador-operator-webhook");
    }

    private static Set<String> objects(Kubectl kubectl, String folder) throws IOException, InterruptedException {
        return Stream.of(kubectl.run("", "kustomize", folder)
                        .succeeded()
                        .output()
                        .split("(?m)^---$", -1))
                .map(OlmBundleIT::name)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String name(String yaml) {
        JsonNode object = Serialization.unmarshal(yaml, JsonNode.class);
        return object.path("kind").asText() + "/" + object.at("/metadata/name").asText();
    }

    /** What it prints; the progress of a build, on stderr, goes to that of the tests. */
    private static String run(String... command) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(printed).isZero();
        return printed;
    }
}
