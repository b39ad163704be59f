package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import link.ambassador.kubernetes.Helm;
import org.junit.jupiter.api.Test;

/** The values of the Helm chart: their defaults, their schema and their page have the same ones. */
class HelmValuesTest {
    private static final Path VALUES = Helm.CHART.resolve("values.yaml");
    private static final Path SCHEMA = Helm.CHART.resolve("values.schema.json");

    @Test
    void theChartIsOfThisVersion() throws IOException {
        String version = Files.readString(Path.of("target/classes/ambassador-version.txt"))
                .strip();

        JsonNode chart = yaml(Files.readString(Helm.CHART.resolve("Chart.yaml")));
        assertThat(chart.path("version").asText()).isEqualTo(version);
        assertThat(chart.path("appVersion").asText()).isEqualTo(version);
    }

    @Test
    void thePageHasEveryValueWithItsDefault() throws IOException {
        Map<String, String> values = new TreeMap<>();
        leaves("", yaml(Files.readString(VALUES)), values);
        Map<String, String> rows = new TreeMap<>();
        Pattern.compile("(?m)^\\| `([a-zA-Z0-9.]+)` \\| `([^`]*)` \\| .+ \\|$")
                .matcher(Files.readString(Path.of("docs/install.md")))
                .results()
                .forEach(row -> rows.put(row.group(1), row.group(2)));

        assertThat(rows).isEqualTo(values);
    }

    /** So that a misspelt value is refused, at every level. */
    @Test
    void theSchemaHasEveryValueAndNoOther() throws IOException {
        List<String> differences = new ArrayList<>();
        differ(
                "",
                yaml(Files.readString(VALUES)),
                Serialization.unmarshal(Files.readString(SCHEMA), JsonNode.class),
                differences);

        assertThat(differences).containsExactly("global is in the schema alone");
    }

    private static void differ(String path, JsonNode values, JsonNode schema, List<String> differences) {
        if (!values.isObject() || values.isEmpty() || path.startsWith("resources.")) {
            return;
        }
        assertThat(schema.path("additionalProperties").toString()).as(path).isEqualTo("false");
        JsonNode properties = schema.path("properties");
        values.fieldNames().forEachRemaining(name -> {
            assertThat(properties.has(name))
                    .as("%s%s is in the schema", path, name)
                    .isTrue();
            differ(path + name + ".", values.path(name), properties.path(name), differences);
        });
        properties.fieldNames().forEachRemaining(name -> {
            if (!values.has(name)) {
                differences.add(path + name + " is in the schema alone");
            }
        });
    }

    /** The values below no other, as the page shows them: text as it stands, the rest in JSON. */
    private static void leaves(String path, JsonNode node, Map<String, String> leaves) {
        if (!node.isObject() || node.isEmpty()) {
            leaves.put(path, node.isTextual() && !node.asText().isEmpty() ? node.asText() : node.toString());
            return;
        }
        node.properties()
                .forEach(
                        field -> leaves((path.isEmpty() ? "" : path + ".") + field.getKey(), field.getValue(), leaves));
    }

    private static JsonNode yaml(String text) {
        return Serialization.unmarshal(text, JsonNode.class);
    }
}
