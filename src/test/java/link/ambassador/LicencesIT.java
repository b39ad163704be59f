package link.ambassador;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Of what the artifact consists, by {@code target/bom.json}, which {@code ./mvnw package} made. */
class LicencesIT {
    private static final Path BOM = Path.of("target/bom.json");
    private static final Path PAGE = Path.of("docs/licences.md");
    private static final String COMMAND =
            "./mvnw verify -Dtest=None -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=LicencesIT -Dregenerate";

    @Test
    void thePageNamesEachDependencyUnderItsLicence() throws IOException {
        String generated = page(byLicence());
        if (System.getProperty("regenerate") != null) {
            Files.writeString(PAGE, generated);
        }
        assertThat(PAGE)
                .as("out of date; to write it anew: " + COMMAND)
                .content()
                .isEqualTo(generated);
    }

    private static String page(Map<String, Set<String>> byLicence) {
        String rows = byLicence.entrySet().stream()
                .map(entry -> "| " + entry.getKey() + " | " + String.join(", ", entry.getValue()) + " |\n")
                .collect(Collectors.joining());
        return "# Licences\n\nOf what the artifact brings with it. Made of `target/bom.json`, the CycloneDX bill of materials of `./mvnw"
                + " package`, which has the versions; do not edit.\n\n| licence | dependencies |\n|---|---|\n"
                + rows;
    }

    private static Map<String, Set<String>> byLicence() throws IOException {
        Map<String, Set<String>> byLicence = new TreeMap<>();
        JsonArray components = new JsonObject(Files.readString(BOM)).getJsonArray("components");
        for (int i = 0; i < components.size(); i++) {
            JsonObject component = components.getJsonObject(i);
            byLicence
                    .computeIfAbsent(licence(component), any -> new TreeSet<>())
                    // One is of the machine that builds.
                    .add((component.getString("group") + ":" + component.getString("name"))
                            .replaceFirst("brotli4j:native-.*", "brotli4j:native-<platform>"));
        }
        return byLicence;
    }

    private static String licence(JsonObject component) {
        JsonArray licences = component.getJsonArray("licenses", new JsonArray());
        Set<String> names = new TreeSet<>();
        for (int i = 0; i < licences.size(); i++) {
            JsonObject choice = licences.getJsonObject(i);
            JsonObject one = choice.getJsonObject("license");
            names.add(one == null ? choice.getString("expression") : one.getString("id", one.getString("name")));
        }
        assertThat(names).as("licences of " + component.getString("purl")).isNotEmpty();
        return String.join(" or ", names);
    }
}
