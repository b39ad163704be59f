package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import link.ambassador.kubernetes.ApiServer;
import link.ambassador.kubernetes.Kubectl;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The files that {@code kubernetes/lib/render} makes of {@code kubernetes/install}. An *IT for its kubectl alone. */
@ExtendWith(ApiServer.class)
class InstallFilesIT {
    private static final Path KUBERNETES = Path.of("kubernetes");
    private static final Path ONE_FILE = KUBERNETES.resolve("ambassador.yaml");
    private static final Path COPIED = Path.of("helm/ambassador/templates/copied");
    private static final Path MONITORING = Path.of("helm/ambassador/monitoring");

    @TempDir
    private static Path rendered;

    @BeforeAll
    static void render(KubernetesClient whichBringsKubectl) throws Exception {
        ProcessBuilder render = new ProcessBuilder("kubernetes/lib/render", rendered.toString());
        render.environment().put("KUBECTL", Kubectl.program().toString());
        Process process = render.redirectErrorStream(true).start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(printed).isZero();
        assertThat(printed).isEmpty();
    }

    @Test
    void theOneFileIsWhatTheKustomizationRenders() {
        assertThat(ONE_FILE)
                .as("kubernetes/lib/render writes it again")
                .hasSameTextualContentAs(rendered.resolve("ambassador.yaml"));
    }

    @Test
    void theChartsCopiesAreOfTheKustomizationsFiles() throws IOException {
        for (Path folder : new Path[] {COPIED, MONITORING}) {
            assertThat(texts(KUBERNETES.resolve(folder)))
                    .as("kubernetes/lib/render writes them again")
                    .isEqualTo(texts(rendered.resolve(folder)));
        }
    }

    /** As a user has it who has not cloned the project. */
    @Test
    void theComponentsChangeTheOneFileAsTheKustomization(KubernetesClient client, @TempDir Path directory)
            throws Exception {
        Kubectl kubectl = new Kubectl(client, "default", directory);
        Path folder = Files.createDirectories(Path.of("target/kustomizations/one-file"));
        Files.copy(ONE_FILE, folder.resolve("ambassador.yaml"), StandardCopyOption.REPLACE_EXISTING);
        for (String component :
                List.of("image", "labelled", "namespaced", "networkpolicy", "monitoring", "cert-manager")) {
            Files.writeString(
                    folder.resolve("kustomization.yaml"),
                    "resources: [ambassador.yaml]\ncomponents: [../../../kubernetes/install/" + component + "]\n");

            assertThat(kubectl.run("", "kustomize", folder.toString())
                            .succeeded()
                            .output())
                    .isEqualTo(kubectl.run("", "kustomize", InstallComponentsIT.with(component))
                            .succeeded()
                            .output());
        }
    }

    /** With the CRD, Kubernetes would delete every Ambassador. */
    @Test
    void whenAToolForGitOpsDeletesAmbassadorItKeepsTheCrd(KubernetesClient client, @TempDir Path directory)
            throws Exception {
        Kubectl kubectl = new Kubectl(client, "default", directory);
        for (Map.Entry<String, String> kept : Map.of(
                        "flux.yaml", "kustomize.toolkit.fluxcd.io/prune: disabled",
                        "argocd.yaml", "argocd.argoproj.io/sync-options: Prune=false,Delete=false")
                .entrySet()) {
            JsonNode patches = patches(KUBERNETES.resolve("gitops").resolve(kept.getKey()));
            Path folder = Files.createDirectories(Path.of("target/kustomizations/gitops-" + kept.getKey()));
            Files.copy(ONE_FILE, folder.resolve("ambassador.yaml"), StandardCopyOption.REPLACE_EXISTING);
            Files.writeString(
                    folder.resolve("kustomization.yaml"),
                    Serialization.asYaml(Map.of("resources", List.of("ambassador.yaml"), "patches", patches)));

            assertThat(kubectl.run("", "kustomize", folder.toString())
                            .succeeded()
                            .output()
                            .split("(?m)^---$", -1))
                    .filteredOn(object -> object.contains(kept.getValue()))
                    .singleElement()
                    .asString()
                    .contains("kind: CustomResourceDefinition", "name: ambassadors.ambassador.link\n");
        }
    }

    private static JsonNode patches(Path file) throws IOException {
        List<JsonNode> patches = Stream.of(Files.readString(file).split("(?m)^---$", -1))
                .map(object -> Serialization.unmarshal(object, JsonNode.class).path("spec"))
                .flatMap(spec -> Stream.of(
                        spec.path("patches"),
                        spec.path("source").path("kustomize").path("patches")))
                .filter(JsonNode::isArray)
                .toList();
        assertThat(patches).hasSize(1);
        return patches.get(0);
    }

    /** As the pages put another image in, by sed: for the operator and for its relays. */
    @Test
    void theOneFileNamesItsImageTwiceAndNothingElseLikeIt() throws IOException {
        String version = Files.readString(Path.of("target/classes/ambassador-version.txt"))
                .strip();

        assertThat(Files.readAllLines(ONE_FILE))
                .filteredOn(line -> line.contains("ambassador:" + version))
                .extracting(String::strip)
                .containsExactlyInAnyOrder("image: ambassador:" + version, "value: ambassador:" + version);
        for (Path page : new Path[] {Path.of("README.md"), Path.of("docs/install.md")}) {
            assertThat(Files.readString(page)).contains("sed 's|ambassador:" + version + "|<registry>/ambassador:");
        }
    }

    private static Map<String, String> texts(Path folder) throws IOException {
        Map<String, String> texts = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                texts.put(file.getFileName().toString(), Files.readString(file));
            }
        }
        return texts;
    }
}
