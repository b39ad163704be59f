package link.ambassador;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A version that comes into the artifact was looked up: the page has it, with the day. By {@code target/bom.json}. */
class AdvisoriesIT {
    private static final Path BOM = Path.of("target/bom.json");
    private static final Path PAGE = Path.of("docs/advisories.md");

    @Test
    void thePageHasTheDayOnWhichEachVersionWasLookedUp() throws IOException {
        Map<String, String> onThePage = new TreeMap<>();
        for (List<String> row : rows()) {
            assertThat(LocalDate.parse(row.get(2))).as("day of " + row.get(0)).isAfter(LocalDate.of(2026, 1, 1));
            onThePage.put(row.get(0), row.get(1));
        }
        assertThat(onThePage)
                .as("look the changed versions up in https://osv.dev, and write their rows of docs/advisories.md anew")
                .isEqualTo(inTheArtifact());
    }

    private static List<List<String>> rows() throws IOException {
        return Files.readAllLines(PAGE).stream()
                .filter(line -> line.matches("\\| [a-z0-9.-]+ \\|.*"))
                .filter(line -> !line.startsWith("| group |"))
                .map(line -> Arrays.stream(line.split("\\|"))
                        .map(String::strip)
                        .filter(cell -> !cell.isEmpty())
                        .toList())
                .toList();
    }

    private static Map<String, String> inTheArtifact() throws IOException {
        Map<String, Set<String>> versions = new TreeMap<>();
        JsonArray components = new JsonObject(Files.readString(BOM)).getJsonArray("components");
        for (int i = 0; i < components.size(); i++) {
            JsonObject component = components.getJsonObject(i);
            versions.computeIfAbsent(component.getString("group"), any -> new TreeSet<>())
                    .add(component.getString("version"));
        }
        return versions.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        entry -> String.join(", ", entry.getValue()),
                        (one, same) -> one,
                        TreeMap::new));
    }
}
