package link.ambassador.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each alert fires by its fault. Here the metrics are made up; {@code MonitoringE2E} has those of real relays and operators. */
class AlertsIT {
    private static final Duration TO_FIRE = Duration.ofMinutes(1);

    private static final double YEAR_2001 = 1e9;
    private static final double YEAR_2096 = 4e9;

    private static final double NOW = System.currentTimeMillis() / 1e3;
    private static final double HOUR = 3600;

    private static final String CLOSED =
            "ambassador_connections_closed_total{alias=\"redis\",listen=\"6379\",reason=\"%s\"}";

    private static final Map<String, Double> HEALTHY = Map.ofEntries(
            Map.entry(condition("Accepted", "True", "Accepted"), 1.0),
            Map.entry(condition("Ready", "True", "RelaysReady"), 1.0),
            Map.entry(condition("Converged", "True", "Acknowledged"), 1.0),
            Map.entry(condition("TargetReachable", "Unknown", "NotTried"), 1.0),
            Map.entry("ambassador_relays{namespace=\"shop\",name=\"redis\",state=\"outdated\"}", 0.0),
            Map.entry("ambassador_table_current", 1.0),
            Map.entry("ambassador_connections_opened_total{alias=\"redis\",listen=\"6379\"}", 0.0),
            Map.entry(CLOSED.formatted("connect_failed"), 0.0),
            Map.entry(CLOSED.formatted("max_connections"), 0.0),
            Map.entry(CLOSED.formatted("internal_error"), 0.0),
            Map.entry("ambassador_accept_failures_total", 0.0),
            Map.entry(certificate("not_before_timestamp_seconds", "of-years"), YEAR_2001),
            Map.entry(certificate("not_after_timestamp_seconds", "of-years"), YEAR_2096),
            Map.entry(certificate("not_before_timestamp_seconds", "of-a-day"), NOW - HOUR),
            Map.entry(certificate("not_after_timestamp_seconds", "of-a-day"), NOW + 23 * HOUR),
            Map.entry(certificate("not_before_timestamp_seconds", "missing"), 0.0),
            Map.entry(certificate("not_after_timestamp_seconds", "missing"), 0.0),
            Map.entry(certificate("current", "of-years"), 1.0),
            Map.entry("ambassador_operator_leading", 1.0),
            Map.entry("ambassador_operator_stalled_seconds{place=\"reconciles\"}", 0.0),
            Map.entry("ambassador_injection_total{reason=\"Failed\"}", 0.0),
            Map.entry("ambassador_injection_refused_total{reason=\"TooLate\"}", 0.0),
            Map.entry("ambassador_webhook_certificate_not_after_timestamp_seconds", YEAR_2096),
            Map.entry("ambassador_policy_holds{policy=\"pods\"}", 1.0));

    /** By alert, the series that tell of its fault and their values. */
    private static final Map<String, Map<String, Double>> FAULTS = new TreeMap<>(Map.ofEntries(
            Map.entry(
                    "AmbassadorTargetUnreachable", Map.of(condition("TargetReachable", "False", "ConnectFailed"), 1.0)),
            Map.entry("AmbassadorFailedOver", Map.of(condition("TargetReachable", "True", "FailedOver"), 1.0)),
            Map.entry("AmbassadorNotAccepted", Map.of(condition("Accepted", "False", "Conflict"), 1.0)),
            Map.entry("AmbassadorNotReady", Map.of(condition("Ready", "False", "RestartNeeded"), 1.0)),
            Map.entry("AmbassadorNotConverged", Map.of(condition("Converged", "Unknown", "Unacknowledged"), 1.0)),
            Map.entry(
                    "AmbassadorRelaysOutdated",
                    Map.of("ambassador_relays{namespace=\"shop\",name=\"redis\",state=\"outdated\"}", 2.0)),
            Map.entry("AmbassadorTableRejected", Map.of("ambassador_table_current", 0.0)),
            Map.entry(
                    "AmbassadorConnectionsFail",
                    Map.of(
                            "ambassador_connections_opened_total{alias=\"redis\",listen=\"6379\"}",
                            100.0,
                            CLOSED.formatted("connect_failed"),
                            10.0)),
            Map.entry("AmbassadorConnectionsLimited", Map.of(CLOSED.formatted("max_connections"), 1.0)),
            Map.entry("AmbassadorCertificateUnusable", Map.of(certificate("current", "missing"), 0.0)),
            Map.entry("AmbassadorCertificateExpires", expiresIn(10 * 24 * HOUR, "in-ten-days")),
            Map.entry("AmbassadorCertificateExpiresSoon", expiresIn(2 * 24 * HOUR, "in-two-days")),
            Map.entry("AmbassadorRelayBug", Map.of(CLOSED.formatted("internal_error"), 1.0)),
            Map.entry("AmbassadorOperatorNotLeading", Map.of("ambassador_operator_leading", 0.0)),
            Map.entry(
                    "AmbassadorOperatorStalled",
                    Map.of("ambassador_operator_stalled_seconds{place=\"reconciles\"}", 11.0)),
            Map.entry(
                    "AmbassadorWebhookFailing", Map.of("ambassador_injection_refused_total{reason=\"TooLate\"}", 1.0)),
            Map.entry(
                    "AmbassadorWebhookCertificateExpires",
                    Map.of("ambassador_webhook_certificate_not_after_timestamp_seconds", YEAR_2001)),
            Map.entry("AmbassadorPolicyMissing", Map.of("ambassador_policy_holds{policy=\"pods\"}", 0.0))));

    @TempDir
    private Path directory;

    private volatile Map<String, Double> metrics = HEALTHY;

    private static String condition(String type, String status, String reason) {
        return "ambassador_condition{namespace=\"shop\",name=\"redis\",type=\"%s\",status=\"%s\",reason=\"%s\"}"
                .formatted(type, status, reason);
    }

    private static String certificate(String what, String name) {
        return "ambassador_tls_certificate_%s{certificate=\"%s\"}".formatted(what, name);
    }

    private static Map<String, Double> expiresIn(double seconds, String name) {
        return Map.of(
                certificate("not_before_timestamp_seconds", name),
                YEAR_2001,
                certificate("not_after_timestamp_seconds", name),
                NOW + seconds);
    }

    /** By promtool's clock, which begins at 0: a certificate of 90 days with 15 left, one of 24 hours, and one that is not there. */
    @Test
    void promtoolSaysWhenTheAlertsOfCertificatesFire() throws Exception {
        int day = 24 * 3600;
        Prometheus.testTheAlerts(
                directory,
                """
                rule_files: [rules.yaml]
                evaluation_interval: 1h
                tests:
                - interval: 1h
                  input_series:
                """
                        + series("of-90-days", -75 * day, 15 * day)
                        + series("of-a-day", 0, day)
                        + series("missing", 0, 0)
                        + "  alert_rule_test:\n"
                        + fires("AmbassadorCertificateExpires", 1)
                        + fires("AmbassadorCertificateExpires", 18)
                        + fires("AmbassadorCertificateExpires", 20, "of-a-day")
                        + fires("AmbassadorCertificateExpires", 26, "of-a-day", "of-90-days")
                        + fires("AmbassadorCertificateExpiresSoon", 21)
                        + fires("AmbassadorCertificateExpiresSoon", 23, "of-a-day")
                        + fires("AmbassadorCertificateExpiresSoon", 12 * 24, "of-a-day")
                        + fires("AmbassadorCertificateExpiresSoon", 12 * 24 + 2, "of-a-day", "of-90-days"));
    }

    private static String series(String certificate, int notBefore, int notAfter) {
        String line = "  - {series: '%s', values: %dx400}\n";
        return line.formatted(certificate("not_before_timestamp_seconds", certificate), notBefore)
                + line.formatted(certificate("not_after_timestamp_seconds", certificate), notAfter);
    }

    private static String fires(String alert, int hour, String... certificates) {
        String expected = Arrays.stream(certificates)
                .map(certificate -> "{exp_labels: {certificate: " + certificate + "}}")
                .collect(Collectors.joining(", "));
        return "  - {alertname: %s, eval_time: %dh, exp_alerts: [%s]}\n".formatted(alert, hour, expected);
    }

    @Test
    void promtoolFindsNoFaultInTheAlerts() throws Exception {
        assertThat(Prometheus.checkOfTheAlerts(directory))
                .contains(Prometheus.alerts().size() + " rules found");
    }

    @Test
    void eachAlertFiresByItsFaultAndNoneWithoutOne() throws Exception {
        assertThat(FAULTS.keySet()).isEqualTo(Prometheus.alerts());
        HttpServer exporter = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        exporter.createContext("/metrics", exchange -> {
            byte[] page = metrics.entrySet().stream()
                    .map(series -> series.getKey() + " " + series.getValue() + "\n")
                    .collect(Collectors.joining())
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        exporter.start();
        try (Prometheus prometheus = Prometheus.start(
                directory,
                "scrape_configs: [{job_name: made-up, static_configs: [{targets: ['127.0.0.1:%d']}]}]"
                        .formatted(exporter.getAddress().getPort()))) {
            await().atMost(TO_FIRE).until(() -> !prometheus
                    .query("count_over_time(ambassador_operator_leading[1m]) > 3")
                    .isEmpty());
            await().atMost(TO_FIRE).until(prometheus::firing, Set::isEmpty);

            // All at once: what is a counter cannot be taken back.
            metrics = new TreeMap<>(HEALTHY);
            FAULTS.values().forEach(metrics::putAll);
            await().atMost(TO_FIRE).until(prometheus::firing, FAULTS.keySet()::equals);
            assertThat(prometheus.warnings()).isEmpty();
        } finally {
            exporter.stop(0);
        }
    }
}
