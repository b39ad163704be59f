package link.ambassador.monitoring;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The dashboards that we give to Grafana, as far as their panels' queries go. */
public final class Dashboards {
    private static final Path FOLDER = Path.of("kubernetes/install/monitoring/dashboards");

    private Dashboards() {}

    /** One query of a panel, with what Grafana puts in place of its variables when all are selected. */
    public record Query(String panel, String expression) {}

    /** Each dashboard by the name of its file, without {@code .json}. */
    public static Map<String, JsonNode> all() throws IOException {
        Map<String, JsonNode> dashboards = new TreeMap<>();
        try (Stream<Path> files = Files.list(FOLDER)) {
            for (Path file : files.toList()) {
                dashboards.put(
                        file.getFileName().toString().replace(".json", ""),
                        Serialization.unmarshal(Files.readString(file), JsonNode.class));
            }
        }
        return dashboards;
    }

    /** All queries of all panels. */
    public static List<Query> queries() throws IOException {
        List<Query> queries = new ArrayList<>();
        for (JsonNode dashboard : all().values()) {
            for (JsonNode panel : dashboard.path("panels")) {
                String name = dashboard.path("title").asText() + ": "
                        + panel.path("title").asText();
                for (JsonNode target : panel.path("targets")) {
                    queries.add(new Query(name, expression(target)));
                }
            }
        }
        return queries;
    }

    static String expression(JsonNode target) {
        return target.path("expr")
                .asText()
                .replace("$__rate_interval", "10s")
                .replaceAll("\\$(namespace|pod|alias)\\b", ".*");
    }
}
