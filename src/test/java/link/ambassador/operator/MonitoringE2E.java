package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import link.ambassador.monitoring.DashboardPicture;
import link.ambassador.monitoring.Dashboards;
import link.ambassador.monitoring.Prometheus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A Prometheus with our configuration finds real relays and operators: no panel is empty, and alerts fire by real faults.
 * {@code -Dmonitoring.pictures=docs} draws the dashboards of docs/monitoring.md.
 */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class MonitoringE2E {
    private static final Duration TO_SCRAPE = Duration.ofMinutes(1);

    @TempDir
    private Path directory;

    private ClusterNamespace shop;

    @BeforeEach
    void openShop() throws Exception {
        shop = new ClusterNamespace();
    }

    @AfterEach
    void closeShop() {
        shop.close();
    }

    @Test
    void noPanelIsEmptyAndFaultsRaiseAlerts() throws Exception {
        shop.apply("redis-a");
        shop.applyAs("web", "redis-a", "placement: {sidecar: {selector: {matchLabels: {app: web}}}}");
        ConsumerDeployment web = new ConsumerDeployment(shop, "web");
        web.apply(1, "", "ambassador.link/inject: required");
        web.awaitRollout();
        // Its target refuses, and it has one connection at a time.
        shop.applyAs("broken", "redis-a");
        shop.kubectl(
                "patch",
                "amb/broken",
                "--type=merge",
                "-p={\"spec\": {\"links\": [{\"listen\": 80, \"maxConnections\": 1, \"targets\": [{\"host\": \"redis-a\", \"port\": 1}]}]}}");
        shop.kubectl("wait", "--for=condition=Ready", "amb", "--all", "--timeout=55s");

        Instant start = Instant.now();
        try (Prometheus prometheus = Prometheus.start(directory, scrapes())) {
            // A gateway, a sidecar, and the gateway whose target refuses.
            await().atMost(TO_SCRAPE).untilAsserted(() -> assertThat(
                            prometheus.query("ambassador_table_current{namespace=\"" + shop.namespace + "\"}"))
                    .hasSize(3));
            shop.apply("redis-b");
            shop.awaitCondition("Converged");
            assertThat(ClusterNamespace.whoAnswers(shop.service())).isEqualTo("redis-b");
            InetSocketAddress broken = new InetSocketAddress(
                    shop.kubectl("get", "service", "broken", "-o=jsonpath={.spec.clusterIP}"), 80);

            await().atMost(TO_SCRAPE).untilAsserted(() -> {
                connectTo(broken);
                assertThat(prometheus.firing()).contains("AmbassadorTargetUnreachable", "AmbassadorConnectionsFail");
            });
            await().atMost(TO_SCRAPE)
                    .untilAsserted(() -> assertThat(emptyPanels(prometheus)).isEmpty());
            await().atMost(TO_SCRAPE)
                    .untilAsserted(() -> assertThat(faults(prometheus)).containsExactly("broken TargetReachable"));
            assertThat(prometheus.query("ambassador_condition{namespace=\"" + shop.namespace
                            + "\",name=\"broken\",type=\"TargetReachable\",status=\"False\"}"))
                    .hasSize(1);
            assertThat(prometheus.warnings()).isEmpty();
            draw(prometheus, start);
        }
    }

    private void draw(Prometheus prometheus, Instant start) throws IOException, InterruptedException {
        Path pictures = Path.of(System.getProperty("monitoring.pictures", directory.toString()));
        for (Map.Entry<String, JsonNode> dashboard : Dashboards.all().entrySet()) {
            String picture = DashboardPicture.of(dashboard.getValue(), prometheus, start, Instant.now());
            assertThat(picture).contains(dashboard.getValue().path("title").asText(), shop.namespace);
            Files.writeString(
                    pictures.resolve("dashboard-" + dashboard.getKey() + ".svg"),
                    picture.replace(shop.namespace, "shop"));
        }
    }

    private static List<String> emptyPanels(Prometheus prometheus) throws IOException, InterruptedException {
        List<String> empty = new ArrayList<>();
        for (Dashboards.Query query : Dashboards.queries()) {
            if (prometheus.query(query.expression()).isEmpty()) {
                empty.add(query.toString());
            }
        }
        return empty;
    }

    /** What the dashboard says is not as it should be. */
    private List<String> faults(Prometheus prometheus) throws IOException, InterruptedException {
        List<String> faults = new ArrayList<>();
        for (Dashboards.Query query : Dashboards.queries()) {
            if (query.panel().equals("Ambassadors: What is not as it should be")) {
                for (JsonNode series : prometheus.query(query.expression())) {
                    JsonNode labels = series.path("metric");
                    if (labels.path("namespace").asText().equals(shop.namespace)) {
                        faults.add(labels.path("name").asText() + " "
                                + labels.path("type").asText());
                    }
                }
            }
        }
        return faults;
    }

    private static void connectTo(InetSocketAddress address) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(address, 5_000);
            socket.getInputStream().read();
        } catch (IOException reset) {
            // As expected: its target refuses.
        }
    }

    /**
     * What we give to a Prometheus in the cluster, for Debian's, which does not discover pods: they are listed here once, with the labels that
     * discovery would give them (https://prometheus.io/docs/prometheus/latest/configuration/configuration/#pod).
     */
    private String scrapes() throws IOException {
        List<Map<String, Object>> targets = shop.kubernetes.pods().inAnyNamespace().list().getItems().stream()
                .filter(pod -> pod.getStatus().getPodIP() != null)
                .flatMap(pod -> Stream.concat(
                                pod.getSpec().getInitContainers().stream(), pod.getSpec().getContainers().stream())
                        .flatMap(container -> container.getPorts().stream())
                        .map(port -> target(pod, port)))
                .toList();
        String discovery = "  kubernetes_sd_configs:\n  - role: pod\n";
        String configuration = Files.readString(Path.of("kubernetes/install/monitoring/prometheus.yaml"));
        assertThat(configuration).contains(discovery);
        return configuration.replace(discovery, "  static_configs: " + Serialization.asJson(targets) + "\n");
    }

    private static Map<String, Object> target(Pod pod, ContainerPort port) {
        Map<String, String> labels = new TreeMap<>(Map.of(
                "__meta_kubernetes_namespace", pod.getMetadata().getNamespace(),
                "__meta_kubernetes_pod_name", pod.getMetadata().getName(),
                "__meta_kubernetes_pod_phase", pod.getStatus().getPhase(),
                "__meta_kubernetes_pod_container_port_name", Objects.requireNonNullElse(port.getName(), "")));
        Objects.requireNonNullElse(pod.getMetadata().getLabels(), Map.<String, String>of())
                .forEach((label, value) -> {
                    String name = label.replaceAll("[^a-zA-Z0-9_]", "_");
                    labels.put("__meta_kubernetes_pod_label_" + name, value);
                    labels.put("__meta_kubernetes_pod_labelpresent_" + name, "true");
                });
        return Map.of("targets", List.of(pod.getStatus().getPodIP() + ":" + port.getContainerPort()), "labels", labels);
    }
}
