package link.ambassador.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FieldValidateable.Validation;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import link.ambassador.kubernetes.AmbassadorCrds;
import link.ambassador.kubernetes.ApiServer;
import link.ambassador.kubernetes.Namespaces;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An API server takes every file of ambassadors as its name says, unknown fields checked as kubectl has them checked. */
@ExtendWith(ApiServer.class)
class AmbassadorFilesIT {
    private static final Pattern EXAMPLE = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);
    private static final Path DIRECTORY = Path.of("src/test/resources/ambassadors");

    private static String namespace;

    @BeforeAll
    static void install(KubernetesClient kubernetes) {
        AmbassadorCrds.install(kubernetes);
        namespace = Namespaces.create(kubernetes, "ambassador-files-it");
    }

    @ParameterizedTest
    @MethodSource("invalid")
    void aBadAmbassadorIsRefusedWithASentenceThatSaysWhatWouldBeRight(String name, KubernetesClient kubernetes)
            throws IOException {
        String[] expected =
                expected().getProperty(name, "no|expectation|given").strip().split("\\s*\\|\\s*", -1);

        assertThatExceptionOfType(KubernetesClientException.class)
                .isThrownBy(() -> create(name, kubernetes))
                .satisfies(refusal -> {
                    assertThat(refusal.getCode()).isIn(400, 422);
                    assertThat(refusal.getStatus().getMessage())
                            .contains(expected)
                            .doesNotContain("evaluated to error");
                });
    }

    @ParameterizedTest
    @MethodSource("valid")
    void aGoodAmbassadorIsStoredAndTheRecordsLoseNothingOfIt(String name, KubernetesClient kubernetes)
            throws IOException {
        GenericKubernetesResource created = create(name, kubernetes);
        try {
            Ambassador read = kubernetes
                    .resources(Ambassador.class)
                    .inNamespace(namespace)
                    .withName(created.getMetadata().getName())
                    .get();

            assertThat(json(read.getSpec())).isEqualTo(json(created.get("spec")));
        } finally {
            kubernetes.resource(created).delete();
        }
    }

    @Test
    void theExamplesOfTheDocumentationAreGood(KubernetesClient kubernetes) throws IOException {
        List<String> examples = EXAMPLE.matcher(Files.readString(Path.of("docs/ambassador.md")))
                .results()
                .map(example -> example.group(1))
                .toList();

        assertThat(examples).hasSize(3);
        examples.forEach(
                example -> kubernetes.resource(post(example, kubernetes)).delete());
    }

    @Test
    void everyExpectationHasItsFile() throws IOException {
        assertThat(expected().stringPropertyNames())
                .hasSizeGreaterThanOrEqualTo(80)
                .isEqualTo(new TreeSet<>(invalid().toList()));
    }

    static Stream<String> invalid() throws IOException {
        return names("invalid-");
    }

    static Stream<String> valid() throws IOException {
        return names("valid-");
    }

    private static GenericKubernetesResource create(String name, KubernetesClient kubernetes) throws IOException {
        return post(Files.readString(DIRECTORY.resolve(name + ".yaml")), kubernetes);
    }

    private static GenericKubernetesResource post(String ambassador, KubernetesClient kubernetes) {
        return kubernetes
                .resource(Serialization.unmarshal(ambassador, GenericKubernetesResource.class))
                .inNamespace(namespace)
                .fieldValidation(Validation.STRICT)
                .create();
    }

    private static JsonNode json(Object value) {
        return new ObjectMapper().valueToTree(value);
    }

    private static Properties expected() throws IOException {
        Properties expected = new Properties();
        try (Reader reader = Files.newBufferedReader(DIRECTORY.resolve("expected.properties"))) {
            expected.load(reader);
        }
        return expected;
    }

    private static Stream<String> names(String prefix) throws IOException {
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            return files
                    .map(file -> file.getFileName().toString())
                    .filter(file -> file.startsWith(prefix) && file.endsWith(".yaml"))
                    .map(file -> file.substring(0, file.length() - ".yaml".length()))
                    .sorted()
                    .toList()
                    .stream();
        }
    }
}
