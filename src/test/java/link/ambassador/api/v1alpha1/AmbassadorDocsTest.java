package link.ambassador.api.v1alpha1;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import link.ambassador.kubernetes.AmbassadorCrds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** docs/ambassador.md, docs/troubleshooting.md and docs/status.md say what the definition and the conditions say. */
class AmbassadorDocsTest {
    static final Path PAGE = Path.of("docs/ambassador.md");
    private static final Path TROUBLESHOOTING = Path.of("docs/troubleshooting.md");
    private static final Path STATUS = Path.of("docs/status.md");

    private final CustomResourceDefinitionVersion version =
            AmbassadorCrds.committed().getSpec().getVersions().get(0);

    @ParameterizedTest
    @EnumSource
    void everyReasonIsThereAsASentence(ConditionReason reason) throws IOException {
        assertThat(Files.readAllLines(PAGE))
                .contains("| %s | %s | %s | %s |"
                        .formatted(reason.type().word(), reason.status(), reason.word(), reason.sentence()));
    }

    @ParameterizedTest
    @EnumSource
    void everyReasonHasARowThatSaysWhatToDo(ConditionReason reason) throws IOException {
        String section = Files.readString(TROUBLESHOOTING)
                .split("(?m)^## " + reason.type().word() + "$", 2)[1]
                .split("(?m)^## ", 2)[0];

        assertThat(section.lines())
                .filteredOn(line -> line.startsWith("| `%s` | %s | ".formatted(reason.word(), reason.status())))
                .singleElement()
                .satisfies(row -> assertThat(row.split(" \\| "))
                        .as("reason, status, what it means, what to do")
                        .hasSize(4)
                        .allSatisfy(cell -> assertThat(cell).isNotBlank()));
    }

    @Test
    void everyFieldOfTheStatusIsThere() throws IOException {
        statusFieldsAreThere(
                version.getSchema().getOpenAPIV3Schema().getProperties().get("status"));
    }

    private static void statusFieldsAreThere(JSONSchemaProps schema) throws IOException {
        String page = Files.readString(STATUS);
        for (Map.Entry<String, JSONSchemaProps> field : schema.getProperties().entrySet()) {
            assertThat(page).containsPattern("(?m)^\\| .*`[\\w.\\[\\]]*\\b" + field.getKey() + "\\b[^`]*`.* \\|");
            JSONSchemaProps property = field.getValue();
            if (property.getType().equals("object")) {
                statusFieldsAreThere(property);
            } else if (property.getType().equals("array") && !field.getKey().equals("conditions")) {
                statusFieldsAreThere(property.getItems().getSchema());
            }
        }
    }

    @Test
    void everyFieldIsThereWithItsDefault() throws IOException {
        fieldsAreThere(
                "spec", version.getSchema().getOpenAPIV3Schema().getProperties().get("spec"));
    }

    @Test
    void everyColumnIsThere() throws IOException {
        String header = version.getAdditionalPrinterColumns().stream()
                .map(column -> column.getName().toUpperCase(Locale.ROOT))
                .collect(joining(" ", "NAME ", ""));

        assertThat(Files.readAllLines(PAGE))
                .anyMatch(line -> line.replaceAll(" +", " ").equals(header));
    }

    /** A field has a row of its own, or that of its parent names it. */
    private static void fieldsAreThere(String path, JSONSchemaProps schema) throws IOException {
        String page = Files.readString(PAGE);
        schema.getProperties().forEach((name, property) -> assertThat(page)
                .as(path + "." + name)
                .containsPattern("(?m)^\\| `\\Q" + path + "\\E([.]" + name + "\\b.*|` .*`" + name + "`.*)$"));
        for (Map.Entry<String, JSONSchemaProps> entry : schema.getProperties().entrySet()) {
            String field = path + "." + entry.getKey();
            JSONSchemaProps property = entry.getValue();
            if (property.getDefault() != null && property.getDefault().isTextual()) {
                assertThat(page)
                        .contains(
                                "| `" + field + "` | `" + property.getDefault().asText() + "` |");
            }
            // A number or text has no type.
            if ("array".equals(property.getType())) {
                fieldsAreThere(field + "[]", property.getItems().getSchema());
            } else if (!entry.getKey().equals("selector")) {
                fieldsAreThere(field, property);
            }
        }
    }
}
