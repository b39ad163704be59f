package link.ambassador.monitoring;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The dashboards that we give to Grafana, as far as their panels' queries go. */
public final class Dashboards {
    private static final Path FOLDER = Path.of("kubernetes/install/monitoring/dashboards");

    private Dashboards() {}

    /** One query of a panel, with what Grafana puts in place of its variables when all are selected. */
    public record Query(String panel, String expression) {}

    /** All queries of all panels. */
    public static List<Query> queries() throws IOException {
        List<Query> queries = new ArrayList<>();
        try (Stream<Path> files = Files.list(FOLDER)) {
            for (Path file : files.sorted().toList()) {
                JsonNode dashboard = Serialization.unmarshal(Files.readString(file), JsonNode.class);
                for (JsonNode panel : dashboard.path("panels")) {
                    for (JsonNode target : panel.path("targets")) {
                        queries.add(new Query(
                                dashboard.path("title").asText() + ": "
                                        + panel.path("title").asText(),
                                target.path("expr")
                                        .asText()
                                        .replace("$__rate_interval", "10s")
                                        .replaceAll("\\$(namespace|pod|alias)\\b", ".*")));
                    }
                }
            }
        }
        return queries;
    }
}
