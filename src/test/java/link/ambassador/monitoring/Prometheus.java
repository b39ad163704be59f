package link.ambassador.monitoring;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import link.ambassador.relay.LoopbackPort;

/** Debian's Prometheus as a process of its own. It scrapes each second, and has our alerts without their {@code for}. */
public final class Prometheus implements AutoCloseable {
    private static final Path ALERTS = Path.of("kubernetes/install/monitoring/alerts.yaml");

    private final Process process;
    private final Path log;
    private final URI uri;
    private final HttpClient http = HttpClient.newHttpClient();

    private Prometheus(Process process, Path log, URI uri) {
        this.process = process;
        this.log = log;
        this.uri = uri;
    }

    /**
     * Starts one, and waits until it answers.
     *
     * @param directory an empty one
     * @param scrapes the {@code scrape_configs} of its configuration
     */
    public static Prometheus start(Path directory, String scrapes) throws IOException, InterruptedException {
        install();
        Path rules = Files.writeString(directory.resolve("rules.yaml"), rulesWithoutWaiting());
        Path configuration = Files.writeString(
                directory.resolve("prometheus.yaml"),
                """
                global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
                rule_files: [%s]
                %s
                """
                        .formatted(rules, scrapes));
        int port = LoopbackPort.free();
        Path log = directory.resolve("log");
        Process process = new ProcessBuilder(
                        "prometheus",
                        "--config.file=" + configuration,
                        "--storage.tsdb.path=" + directory.resolve("data"),
                        "--web.listen-address=127.0.0.1:" + port,
                        "--log.level=warn")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Prometheus prometheus = new Prometheus(process, log, URI.create("http://127.0.0.1:" + port));
        await("Prometheus").atMost(Duration.ofMinutes(1)).until(prometheus::isReady);
        return prometheus;
    }

    /** What {@code promtool check rules} prints about the alerts, which ends a test when it finds a fault. */
    static String checkOfTheAlerts(Path directory) throws IOException, InterruptedException {
        Path rules = Files.writeString(directory.resolve("rules.yaml"), rules().toString());
        return promtool("check", "rules", "--lint-fatal", rules.toString());
    }

    /**
     * Lets {@code promtool test rules} evaluate the alerts.
     *
     * @param tests as https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules has them, of the rules in
     *     {@code rules.yaml}, which have neither labels nor annotations of their own there
     */
    static void testTheAlerts(Path directory, String tests) throws IOException, InterruptedException {
        JsonNode rules = rules();
        rules.findParents("alert").forEach(rule -> {
            ((ObjectNode) rule).remove("annotations");
            ((ObjectNode) rule).remove("labels");
        });
        Files.writeString(directory.resolve("rules.yaml"), rules.toString());
        Path file = Files.writeString(directory.resolve("tests.yaml"), tests);
        promtool("test", "rules", file.toString());
    }

    private static String promtool(String... arguments) throws IOException, InterruptedException {
        install();
        List<String> command = new ArrayList<>(List.of("promtool"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new AssertionError(output);
        }
        return output;
    }

    private static void install() throws IOException, InterruptedException {
        int installed = new ProcessBuilder("src/test/debian-packages", "prometheus=prometheus", "promtool=prometheus")
                .redirectError(Redirect.INHERIT)
                .redirectOutput(Redirect.INHERIT)
                .start()
                .waitFor();
        if (installed != 0) {
            throw new IllegalStateException("no prometheus: src/test/debian-packages says above how to get it");
        }
    }

    /** Names of all alerts. */
    public static Set<String> alerts() throws IOException {
        return new TreeSet<>(rules().findValuesAsText("alert"));
    }

    static List<String> expressionsOfAlerts() throws IOException {
        return rules().findValuesAsText("expr");
    }

    private static JsonNode rules() throws IOException {
        return Serialization.unmarshal(Files.readString(ALERTS), JsonNode.class).path("spec");
    }

    private static String rulesWithoutWaiting() throws IOException {
        JsonNode rules = rules();
        rules.findParents("for").forEach(rule -> ((ObjectNode) rule).remove("for"));
        return rules.toString();
    }

    /** The series that a query returns now. */
    public List<JsonNode> query(String expression) throws IOException, InterruptedException {
        List<JsonNode> series = new ArrayList<>();
        get("/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8))
                .path("result")
                .forEach(series::add);
        return series;
    }

    /** The series that a query returns for each second from one moment to another. */
    List<JsonNode> range(String expression, Instant from, Instant to) throws IOException, InterruptedException {
        List<JsonNode> series = new ArrayList<>();
        get("/api/v1/query_range?step=1&start=" + from.getEpochSecond() + "&end=" + to.getEpochSecond() + "&query="
                        + URLEncoder.encode(expression, StandardCharsets.UTF_8))
                .path("result")
                .forEach(series::add);
        return series;
    }

    /** Names of the alerts that fire now. */
    public Set<String> firing() throws IOException, InterruptedException {
        return new TreeSet<>(get("/api/v1/alerts").path("alerts").findValuesAsText("alertname"));
    }

    /** What it warned of. */
    public List<String> warnings() throws IOException {
        return Files.readAllLines(log);
    }

    private JsonNode get(String path) throws IOException, InterruptedException {
        String body = http.send(HttpRequest.newBuilder(uri.resolve(path)).build(), BodyHandlers.ofString())
                .body();
        JsonNode answer = Serialization.unmarshal(body, JsonNode.class);
        if (!answer.path("status").asText().equals("success")) {
            throw new AssertionError(path + ": " + body);
        }
        return answer.path("data");
    }

    private boolean isReady() throws IOException, InterruptedException {
        if (!process.isAlive()) {
            throw new AssertionError("Prometheus ended: " + warnings());
        }
        try {
            return http.send(HttpRequest.newBuilder(uri.resolve("/-/ready")).build(), BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
