package link.ambassador.webhook.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import link.ambassador.config.RelayImage;
import link.ambassador.kubernetes.OwnVertx;
import link.ambassador.model.CaBundles;
import link.ambassador.model.NamespaceConstraints;
import link.ambassador.webhook.tls.TestCertificates;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client can do that reaches the webhook's port: any pod of the cluster, unless a NetworkPolicy forbids it. */
class AdmissionAttacksTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String POD =
            """
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "labels": {"ambassador.link/inject": "true"}},
              "spec": {"containers": [{"name": "app", "image": "app"}]}}""";

    private final SSLContext tls = Handshake.context();
    private final Vertx vertx = Vertx.vertx();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .sslContext(Handshake.context())
            .connectTimeout(Duration.ofSeconds(30))
            .build();
    private final Queue<String> lists = new ConcurrentLinkedQueue<>();
    private final List<Socket> sockets = new ArrayList<>();
    private HttpServer apiServer;
    private KubernetesClient kubernetes;
    private AdmissionServer server;

    @BeforeEach
    void serve() throws Exception {
        apiServer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        apiServer.setExecutor(Executors.newCachedThreadPool());
        apiServer.createContext("/", exchange -> {
            lists.add(exchange.getRequestURI().toString());
            byte[] none = "{\"items\": []}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, none.length);
            exchange.getResponseBody().write(none);
            exchange.close();
        });
        apiServer.start();
        kubernetes = OwnVertx.client()
                .withConfig(new ConfigBuilder(Config.empty())
                        .withMasterUrl(
                                "http://127.0.0.1:" + apiServer.getAddress().getPort())
                        .build())
                .build();
        InjectionMeters injection = new InjectionMeters(meters);
        Admission admission = new Admission(
                vertx,
                new WebhookSettings(
                        0, Optional.empty(), Optional.empty(), Set.of(), RelayImage.named("example.com/a:1")),
                new NoAmbassadors(),
                new LiveAmbassadors(kubernetes, CaBundles.NONE, Duration.ofSeconds(5)),
                namespace -> NamespaceConstraints.NONE,
                (namespace, service) -> Set.of(),
                injection);
        server = new AdmissionServer(vertx, 0, Optional.empty(), injection, admission::answer);
        server.serve(TestCertificates.of("127.0.0.1", Clock.systemUTC().instant()));
    }

    @AfterEach
    void close() throws Exception {
        for (Socket socket : sockets) {
            socket.close();
        }
        server.close().toCompletionStage().toCompletableFuture().join();
        vertx.close().toCompletionStage().toCompletableFuture().join();
        kubernetes.close();
        apiServer.stop(0);
    }

    @Test
    void unfinishedReviewsHoldTwentyFourMebibytesAndDelayNobody() throws Exception {
        for (int i = 0; i < 75; i++) {
            unfinished(3_000_000, 2_900_000);
        }

        assertThat(meters.counter("ambassador.injection.refused", "reason", "NoRoom")
                        .count())
                .isPositive();
        assertThat(meters.get("ambassador.injection.held").gauge().value()).isLessThanOrEqualTo(16 << 20);
        assertThat(isInjected(post(review("shop", POD)))).isTrue();
    }

    @Test
    void aReviewThatNeverEndsIsOverWhenItsAskerHasStoppedWaiting() throws Exception {
        Socket socket = unfinished("?timeout=200ms", 3_000_000, 1000);

        socket.setSoTimeout(30_000);
        String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(answer).startsWith("HTTP/1.1 503").endsWith("not answered within the time that the review says");
    }

    @Test
    void whoHoldsConnectionsLosesTheOnesThatAskNothing() throws Exception {
        assertThat(post(review("shop", POD)).statusCode()).isEqualTo(200);
        for (int i = 0; i < 600; i++) {
            connected();
        }

        assertThat(isInjected(post(review("shop", POD)))).isTrue();
        await().until(() -> sockets.stream().filter(this::isClosed).count() >= 600 - 512);
        assertThat(isInjected(post(review("shop", POD)))).isTrue();
    }

    @Test
    void aHundredThousandValuesAreNotMadeATree() throws Exception {
        String brackets = "[" + "[],".repeat(100_000) + "[]]";
        String pod = POD.replace("\"spec\": {", "\"spec\": {\"future\": " + brackets + ", ");

        JsonNode response = response(post(review("shop", pod)));

        assertThat(response.path("allowed").asBoolean()).isTrue();
        assertThat(response.path("warnings").path(0).asText())
                .startsWith("No Ambassador relay was injected: The pod has too many values");
        assertThat(patch(response)).hasSize(1);
        assertThat(patch(response).path(0).path("value").path("ambassador.link/injection-reason"))
                .hasToString("\"TooLarge\"");
    }

    @Test
    void norAreSixtyThousandLabels() throws Exception {
        StringBuilder labels = new StringBuilder("\"labels\": {");
        IntStream.range(0, 60_000).forEach(i -> labels.append('"').append(i).append("\":\"\","));

        JsonNode response = response(post(review("shop", POD.replace("\"labels\": {", labels))));

        assertThat(response.path("allowed").asBoolean()).isTrue();
        assertThat(response.has("patch")).isFalse();
        assertThat(response.path("warnings")).hasSize(1);
    }

    @Test
    void anEnvelopeWithoutEndIsNoReview() throws Exception {
        StringBuilder kinds = new StringBuilder("\"kind\": {\"kind\": \"Pod\"");
        IntStream.range(0, 60_000).forEach(i -> kinds.append(",\"").append(i).append("\":\"\""));

        HttpResponse<String> answer = post(review("shop", POD).replace("\"kind\": {\"kind\": \"Pod\"", kinds));

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).isEqualTo("a review that has more values than a pod can have");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "shop/ambassadors?watch=true#",
                "x/../../../../../../../version",
                "a b",
                "%2e%2e/x",
                "-",
                "Shop",
                "a\\nERROR forged",
                "a1234567890123456789012345678901234567890123456789012345678901234"
            })
    void aNamespaceThatIsNoneIsAskedForNowhere(String namespace) throws Exception {
        HttpResponse<String> answer = post(review(namespace, POD));

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).isEqualTo("a review of a Pod whose namespace has no name that a namespace can have");
        assertThat(lists).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"containers\": 1",
                "\"containers\": [1]",
                "\"initContainers\": \"x\"",
                "\"hostAliases\": [[]]",
                "\"volumes\": {\"a\": {}}"
            })
    void aPodThatIsNoneIsNoDefectOfOurs(String spec) throws Exception {
        HttpResponse<String> answer = post(review("shop", POD.replaceFirst("\"containers\": \\[.*\\]", spec)));

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).startsWith("a review of a Pod whose spec.");
        assertThat(meters.find("ambassador.injection").counters())
                .extracting(Counter::count)
                .containsOnly(0.0);
    }

    @Test
    void podsThatComeTogetherShareOneRequest() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            answers.add(http.sendAsync(request(review("shop", POD)), BodyHandlers.ofString()));
        }

        for (CompletableFuture<HttpResponse<String>> answer : answers) {
            assertThat(isInjected(answer.join())).isTrue();
        }
        assertThat(lists).hasSizeLessThan(100);
    }

    @Test
    void anAnswerNamesNobodyWhoWasNotNamed() throws Exception {
        apiServer.removeContext("/");

        HttpResponse<String> answer = post(review("shop", POD));

        assertThat(answer.body()).doesNotContain("127.0.0.1").doesNotContain("http:");
    }

    private boolean isInjected(HttpResponse<String> answer) throws IOException {
        return response(answer).has("patch");
    }

    private static JsonNode response(HttpResponse<String> answer) throws IOException {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body()).path("response");
    }

    private static JsonNode patch(JsonNode response) throws IOException {
        return JSON.readTree(response.path("patch").binaryValue());
    }

    private static String review(String namespace, String pod) {
        return """
                {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "705ab4f5",
                  "kind": {"kind": "Pod"}, "namespace": "%s", "operation": "CREATE", "object": %s}}"""
                .formatted(namespace, pod);
    }

    private HttpResponse<String> post(String body) throws Exception {
        return http.send(request(body), BodyHandlers.ofString());
    }

    private HttpRequest request(String body) {
        return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + server.actualPort() + "/inject"))
                .timeout(Duration.ofSeconds(60))
                .POST(BodyPublishers.ofString(body))
                .build();
    }

    /** Sends so much of a review that says it has more, and waits. */
    private void unfinished(int says, int sends) throws IOException {
        try {
            unfinished("", says, sends);
        } catch (IOException refused) {
            // The answer came while the body was being sent.
        }
    }

    private Socket unfinished(String query, int says, int sends) throws IOException {
        Socket socket = connected();
        request(socket, query, says, " ".repeat(sends));
        return socket;
    }

    private static void request(Socket socket, String query, int length, String body) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write("POST /inject%s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
                .formatted(query, length)
                .getBytes(StandardCharsets.US_ASCII));
        out.write(body.getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    private Socket connected() throws IOException {
        SSLSocket socket =
                (SSLSocket) tls.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), server.actualPort());
        sockets.add(socket);
        socket.setSoTimeout(10_000);
        socket.startHandshake();
        return socket;
    }

    private boolean isClosed(Socket socket) {
        try {
            socket.setSoTimeout(1);
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException open) {
            return false;
        } catch (IOException closed) {
            return true;
        }
    }
}
