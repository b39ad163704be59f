package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import link.ambassador.ConcurrentTest;
import link.ambassador.Ipv6Loopback;
import link.ambassador.UnreadPipe;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.kubernetes.AmbassadorCrds;
import link.ambassador.kubernetes.ApiServer;
import link.ambassador.kubernetes.Namespaces;
import link.ambassador.relay.LoopbackPort;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The operator's process as its users run it, on a real API server. */
@ExtendWith(ApiServer.class)
class OperatorProcessIT {
    private static final String NAMESPACE = "operator-process-it";
    private static final Duration SECONDS = Duration.ofSeconds(5);
    private static final Duration TAKEOVER = Duration.ofSeconds(20);
    private static final Duration TO_FAIL = Duration.ofSeconds(60);

    private static KubernetesClient kubernetes;
    private static Config administrator;

    @BeforeAll
    static void namespace(KubernetesClient client) {
        kubernetes = client;
        AmbassadorCrds.install(client);
        Namespaces.apply(client, NAMESPACE, Map.of());
        administrator = new ConfigBuilder(client.getConfiguration())
                .withNamespace(NAMESPACE)
                .build();
    }

    @Test
    void sigtermEndsItInSecondsWithStatusZero() throws Exception {
        try (JavaOperator operator = start(Map.of())) {
            assertThat(operator.ask("/livez").statusCode()).isEqualTo(200);
            assertThat(operator.terminate(SECONDS)).isZero();
            assertThat(operator.stderr()).isEmpty();
        }
    }

    @Test
    void aLogThatNobodyReadsKeepsItNeitherFromItsWorkNorFromItsEnd(@TempDir Path directory) throws Exception {
        Path java = directory.resolve("java");
        UnreadPipe.in(directory)
                .program(
                        java,
                        Path.of(System.getProperty("java.home"), "bin", "java").toString());
        try (JavaOperator operator = JavaOperator.start(
                        administrator, Map.of(), List.of(java.toString(), "-XX:TieredStopAtLevel=1"))
                .started()) {
            assertThat(operator.ask("/metrics").body()).contains("ambassador_log_dropped_total 0.0");
            assertThat(operator.terminate(TAKEOVER)).isZero();
            assertThat(operator.stderr()).isEmpty();
        }
    }

    /** A busy machine takes seconds for it: an event loop of the client stood still, and Vert.x warned. */
    @Test
    void theFirstTlsEngineIsMadeBeforeTheFirstRequest(@TempDir Path directory) throws Exception {
        Path log = directory.resolve("loaded");
        List<String> java = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xlog:class+load:file=" + log + ":none");
        try (JavaOperator operator =
                JavaOperator.start(administrator, Map.of(), java).started()) {
            assertThat(operator.leads()).isTrue();
            assertThat(
                            Files.readAllLines(log).stream()
                                    .map(line -> line.replaceFirst(" .*", ""))
                                    .filter(List.of(
                                            "sun.security.ssl.SSLEngineImpl",
                                            "io.netty.handler.ssl.JdkSslContext$Defaults")::contains))
                    .containsExactly("sun.security.ssl.SSLEngineImpl", "io.netty.handler.ssl.JdkSslContext$Defaults");
        }
    }

    @Test
    void metricsTellOfTheOperatorSdkAndOfNoResourceByName() throws Exception {
        try (JavaOperator operator = start(Map.of())) {
            String metrics = operator.ask("/metrics").body();

            assertThat(metrics)
                    .contains("operator_sdk_reconciliations_executions_ambassador{")
                    .contains("ambassador_operator_leading 1.0")
                    .contains("jvm_memory_used_bytes")
                    .doesNotContain("resource_name=");
        }
    }

    @Test
    void thePageIsServedWithWhatTheOperatorKnows() throws Exception {
        kubernetes
                .resource(
                        """
                        apiVersion: ambassador.link/v1alpha1
                        kind: Ambassador
                        metadata: {name: shown, namespace: %s}
                        spec: {links: [{listen: 6379, targets: [{host: redis-a, port: 6379}]}]}
                        """
                                .formatted(NAMESPACE))
                .create();
        try (JavaOperator operator = start(Map.of())) {
            assertThat(operator.ask("/").body()).contains("<script src=\"topology.js\"");
            await().atMost(TAKEOVER).untilAsserted(() -> assertThat(
                            operator.ask("/topology.json?namespace=" + NAMESPACE + "&name=shown")
                                    .body())
                    .contains("\"target\":\"redis-a:6379\"", "\"type\":\"Accepted\"", "\"relays\":{"));
            assertThat(operator.ask("/topology.json").body()).contains("\"leads\":true");

            kubernetes
                    .resources(Ambassador.class)
                    .inNamespace(NAMESPACE)
                    .withName("shown")
                    .patch(
                            PatchContext.of(PatchType.JSON),
                            "[{\"op\": \"replace\", \"path\": \"/spec/links/0/targets/0/host\", \"value\": \"redis-b\"}]");
            await().atMost(TAKEOVER)
                    .untilAsserted(
                            () -> assertThat(operator.ask("/topology.json?namespace=" + NAMESPACE + "&name=shown")
                                            .body())
                                    .contains(
                                            "\"retargets\":[{\"revision\":2,\"from\":\"6379 -> redis-a:6379\",\"to\":\"6379 -> redis-b:6379\","));
        } finally {
            kubernetes
                    .resources(Ambassador.class)
                    .inNamespace(NAMESPACE)
                    .withName("shown")
                    .delete();
        }
    }

    @Test
    void metricsHaveTheConditionsOfEachAmbassador() throws Exception {
        kubernetes
                .resource(
                        """
                        apiVersion: ambassador.link/v1alpha1
                        kind: Ambassador
                        metadata: {name: cache, namespace: %s}
                        spec: {links: [{listen: 6379, targets: [{host: redis-a, port: 6379}]}]}
                        """
                                .formatted(NAMESPACE))
                .create();
        String labels = "{namespace=\"" + NAMESPACE + "\",name=\"cache\",";
        try (JavaOperator operator = start(Map.of())) {
            await().atMost(TAKEOVER)
                    .untilAsserted(() -> assertThat(operator.ask("/metrics").body())
                            .contains("ambassador_condition" + labels
                                    + "type=\"Accepted\",status=\"True\",reason=\"Accepted\"} 1.0")
                            .contains("ambassador_relays" + labels + "state=\"selected\"} 1.0"));
        } finally {
            kubernetes
                    .resources(Ambassador.class)
                    .inNamespace(NAMESPACE)
                    .withName("cache")
                    .delete();
        }
    }

    @Test
    void whoeverAsksAndIsAskedMakesNoMetric() throws Exception {
        try (JavaOperator operator = start(Map.of())) {
            assertThat(firstWords(operator, "MADE-UP /livez HTTP/1.1\r\nHost: a\r\n\r\n"))
                    .startsWith("HTTP/1.1");

            assertThat(operator.ask("/metrics").body())
                    .doesNotContain("MADE-UP")
                    .doesNotContain("http_server_")
                    .doesNotContain("http_client_")
                    .doesNotContain("127.0.0.1");
        }
    }

    @Test
    void theLogIsTextOrJson() throws Exception {
        try (JavaOperator text = start(Map.of());
                JavaOperator json = start(Map.of("AMBASSADOR_LOG_FORMAT", "json"))) {
            assertThat(text.log())
                    .anyMatch(
                            line -> line.matches(
                                    "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z INFO operator .* for every namespace, relays run example.com/ambassador:test"));
            assertThat(json.log()).isNotEmpty().allSatisfy(line -> assertThat(new JsonObject(line).getString("message"))
                    .isNotNull());
        }
    }

    @ConcurrentTest
    void oneOfTwoLeadsAndTheOtherTakesOverWhenItIsKilled() throws Exception {
        Config alone = inANamespaceOfItsOwn();
        try (JavaOperator first = startToElect(alone)) {
            await().atMost(TAKEOVER).until(first::leads);
            try (JavaOperator second = startToElect(alone)) {
                assertThat(second.leads()).isFalse();
                second.expecting(" WARN The previous leader, .*, ended without releasing the Lease");

                first.kill();
                await().atMost(TAKEOVER).until(second::leads);
                assertThat(second.terminate(SECONDS)).isZero();
            }
        }
    }

    @ConcurrentTest
    void oneThatStopsInOrderGivesTheLeaseAway() throws Exception {
        Config alone = inANamespaceOfItsOwn();
        try (JavaOperator first = startToElect(alone)) {
            await().atMost(TAKEOVER).until(first::leads);
            try (JavaOperator second = startToElect(alone)) {
                assertThat(first.terminate(SECONDS)).isZero();
                assertThat(first.stderr()).isEmpty();
                // Less than a Lease takes to run out.
                await().atMost(SECONDS).until(second::leads);
            }
        }
    }

    @ConcurrentTest
    void oneThatLosesTheLeaseEnds() throws Exception {
        Config alone = inANamespaceOfItsOwn();
        try (JavaOperator operator = startToElect(alone)) {
            await().atMost(TAKEOVER).until(operator::leads);
            operator.expecting(" ERROR lost the Lease ambassador-operator");
            kubernetes
                    .leases()
                    .inNamespace(alone.getNamespace())
                    .withName(Leadership.LEASE)
                    .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"holderIdentity\":\"somebody-else\"}}");

            assertThat(operator.status(TAKEOVER)).isEqualTo(1);
            assertThat(operator.log()).last().asString().contains("lost the Lease ambassador-operator");
        }
    }

    @ParameterizedTest
    @CsvSource({"AMBASSADOR_RELAY_IMAGE,''", "AMBASSADOR_NAMESPACES,Shop", "AMBASSADOR_WEBHOOK_PORT,https"})
    void aBadSettingIsOneSentenceOnStderr(String variable, String value) throws Exception {
        try (JavaOperator operator =
                JavaOperator.start(administrator, Map.of(variable, value)).expecting(variable + " is ")) {
            assertThat(operator.status(TO_FAIL)).isEqualTo(1);
            assertThat(operator.stderr()).singleElement().asString().startsWith(variable + " is ");
            assertThat(operator.log()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"AMBASSADOR_ADMIN_PORT", "AMBASSADOR_WEBHOOK_PORT"})
    void aPortThatIsTakenIsOneSentenceOnStderr(String variable) throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("0.0.0.0"));
                JavaOperator operator = JavaOperator.start(
                                administrator, Map.of(variable, Integer.toString(taken.getLocalPort())))
                        .expecting(variable + " is ")) {
            assertThat(operator.status(TO_FAIL)).isEqualTo(1);
            assertThat(operator.stderr())
                    .isEqualTo(List.of(variable + " is '" + taken.getLocalPort()
                            + "': it must be a free port (Address already in use)"));
            assertThat(operator.log()).isEmpty();
        }
    }

    @Test
    void metricsTellWhenTheWebhooksCertificateEnds() throws Exception {
        try (JavaOperator operator = start(Map.of())) {
            assertThat(operator.ask("/metrics").body())
                    .containsPattern("ambassador_webhook_certificate_not_after_timestamp_seconds 1\\.[0-9]+E9")
                    .contains("ambassador_injection_seconds_bucket{le=\"0.02\"");
        }
    }

    @ConcurrentTest
    void itWaitsForASilentApiServerAndHearsSigtermMeanwhile() throws Exception {
        Config nobody = new ConfigBuilder(administrator)
                .withMasterUrl("https://127.0.0.1:1/")
                .build();
        try (JavaOperator operator = JavaOperator.start(nobody, Map.of())
                .expecting(" WARN the API server at https://127.0.0.1:1/ does not answer, retrying")
                .allowing("Connection refused| WARN cannot renew webhook certificates")) {
            await().atMost(TO_FAIL)
                    .until(() -> operator.log().stream().anyMatch(line -> line.contains("does not answer, retrying")));
            assertThat(operator.ask("/livez").statusCode()).isEqualTo(200);
            assertThat(operator.ask("/readyz").statusCode()).isEqualTo(503);
            assertThat(operator.terminate(SECONDS)).isZero();
        }
    }

    @ConcurrentTest
    void connectionsThatBreakWhileItsCachesAreFilledDoNotEndIt() throws Exception {
        try (FaultyApiServer api = FaultyApiServer.before(administrator)) {
            api.cut(
                    2,
                    request -> request.method().equals(HttpMethod.GET)
                            && request.path().endsWith("/deployments")
                            && !String.valueOf(request.query()).contains("limit=1"));
            try (JavaOperator operator = JavaOperator.start(api.config(), Map.of())
                    .allowing(" WARN listSyncAndWatch failed for .*deployments, will retry")) {
                operator.started();
                assertThat(api.seen(HttpMethod.GET, "/deployments"))
                        .extracting(FaultyApiServer.Seen::status)
                        .contains(0, 200);
            }
        }
    }

    @ConcurrentTest
    void itHearsSigtermWhileItFillsItsCaches() throws Exception {
        try (FaultyApiServer api = FaultyApiServer.before(administrator)) {
            api.cut(
                    Integer.MAX_VALUE,
                    request -> request.method().equals(HttpMethod.GET)
                            && request.path().endsWith("/deployments")
                            && !String.valueOf(request.query()).contains("limit=1"));
            try (JavaOperator operator = JavaOperator.start(api.config(), Map.of())
                    .allowing(" WARN listSyncAndWatch failed for .*deployments, will retry")) {
                await().atMost(TO_FAIL).until(() -> api.seen(HttpMethod.GET, "/deployments").stream()
                        .anyMatch(request -> request.status() == 0));
                assertThat(operator.terminate(SECONDS)).isZero();
            }
        }
    }

    @Test
    void theAdminPortSpeaksNoHttp2() throws Exception {
        try (JavaOperator operator =
                start(Map.of()).expecting(" ERROR HTTP Request to \\* failed.*':authority' pseudo-header")) {
            assertThat(firstWords(operator, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"))
                    .satisfiesAnyOf(closed -> assertThat(closed).isEmpty(), refused -> assertThat(refused)
                            .startsWith("HTTP/"));
            String upgrade = String.join(
                    "\r\n",
                    "GET /livez HTTP/1.1",
                    "Host: a",
                    "Connection: Upgrade, HTTP2-Settings",
                    "Upgrade: h2c",
                    "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA",
                    "\r\n");
            assertThat(firstWords(operator, upgrade)).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void probesAndTheApiServerReachItByIpv6() throws Exception {
        InetAddress loopback = Ipv6Loopback.assumed();
        int webhook = LoopbackPort.free();
        try (JavaOperator operator = start(Map.of("AMBASSADOR_WEBHOOK_PORT", Integer.toString(webhook)))) {
            assertThat(firstWords(loopback, operator, "GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n"))
                    .isEqualTo("HTTP/1.1 200");
            try (Socket admission = new Socket(loopback, webhook)) {
                assertThat(admission.isConnected()).isTrue();
            }
        }
    }

    private static String firstWords(JavaOperator operator, String request) throws IOException {
        return firstWords(InetAddress.getLoopbackAddress(), operator, request);
    }

    private static String firstWords(InetAddress address, JavaOperator operator, String request) throws IOException {
        try (Socket socket = new Socket(address, operator.adminPort())) {
            socket.setSoTimeout((int) TAKEOVER.toMillis());
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readNBytes(12), StandardCharsets.ISO_8859_1);
        } catch (SocketException reset) {
            return "";
        }
    }

    private static JavaOperator start(Map<String, String> environment) throws Exception {
        return JavaOperator.start(administrator, environment).started();
    }

    /** Where it has its Lease to itself. */
    private static Config inANamespaceOfItsOwn() {
        return new ConfigBuilder(kubernetes.getConfiguration())
                .withNamespace(Namespaces.create(kubernetes, NAMESPACE))
                .build();
    }

    private static JavaOperator startToElect(Config account) throws Exception {
        return JavaOperator.start(account, Map.of("AMBASSADOR_LEADER_ELECTION", "true"))
                .started();
    }
}
