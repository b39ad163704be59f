package link.ambassador.webhook.serving;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import link.ambassador.config.RelayImage;
import link.ambassador.kubernetes.OwnVertx;
import link.ambassador.model.CaBundles;
import link.ambassador.model.NamespaceConstraints;
import link.ambassador.webhook.tls.TestCertificates;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the server answers to what it is sent, with an API server behind it that never answers. */
class AdmissionServerTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String REVIEW =
            """
            {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
              "uid": "705ab4f5", "namespace": "shop", "operation": "CREATE", "kind": {"group": "", "version": "v1", "kind": "Pod"},
              "object": {"apiVersion": "v1", "kind": "Pod",
                "metadata": {"generateName": "web-", "labels": {"ambassador.link/inject": "true"}},
                "spec": {"containers": [{"name": "app", "image": "app"}]}}}}""";

    private final Vertx vertx = Vertx.vertx();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final HttpClient http = HttpClient.newBuilder()
            .sslContext(Handshake.context())
            .connectTimeout(Duration.ofSeconds(30))
            .build();
    private Function<String, NamespaceConstraints> demands = namespace -> NamespaceConstraints.of(List.of(), List.of());
    private ServerSocket silent;
    private KubernetesClient kubernetes;
    private AdmissionServer server;

    @BeforeEach
    void serve() throws Exception {
        silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        kubernetes = OwnVertx.client()
                .withConfig(new ConfigBuilder(Config.empty())
                        .withMasterUrl("http://127.0.0.1:" + silent.getLocalPort())
                        .build())
                .build();
        InjectionMeters injection = new InjectionMeters(meters);
        Admission admission = new Admission(
                vertx,
                new WebhookSettings(
                        0, Optional.empty(), Optional.empty(), Set.of("shop"), RelayImage.named("example.com/a:1")),
                new NoAmbassadors(),
                new LiveAmbassadors(kubernetes, CaBundles.NONE, Duration.ofMillis(100)),
                namespace -> demands.apply(namespace),
                (namespace, service) -> Set.of(),
                injection);
        server = new AdmissionServer(vertx, 0, Optional.empty(), injection, admission::answer);
        server.serve(TestCertificates.of("127.0.0.1", Clock.systemUTC().instant()));
    }

    @AfterEach
    void close() throws Exception {
        server.close().toCompletionStage().toCompletableFuture().join();
        vertx.close().toCompletionStage().toCompletableFuture().join();
        kubernetes.close();
        silent.close();
    }

    @Test
    void aPatchGoesBackWithTheUidOfTheReview() throws Exception {
        JsonNode response = JSON.readTree(post(REVIEW).body()).path("response");

        assertThat(response.path("uid").asText()).isEqualTo("705ab4f5");
        assertThat(response.path("allowed").asBoolean()).isTrue();
        assertThat(response.path("patchType").asText()).isEqualTo("JSONPatch");
        assertThat(JSON.readTree(response.path("patch").binaryValue()).isArray())
                .isTrue();
    }

    @Test
    void anApiServerThatIsSilentIsCountedAndThePodGetsWhatIsKnown() throws Exception {
        assertThat(post(REVIEW).body()).contains("\"patch\"");
        assertThat(meters.counter("ambassador.injection.lists", "outcome", "failed")
                        .count())
                .isEqualTo(1);
        assertThat(meters.counter("ambassador.injection", "reason", "AskedByLabel")
                        .count())
                .isEqualTo(1);
    }

    @Test
    void whateverGoesWrongThePodIsAllowedUnchanged() throws Exception {
        demands = namespace -> {
            throw new IllegalStateException("as a defect would");
        };

        HttpResponse<String> answer = post(REVIEW);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(JSON.readTree(answer.body()).path("response"))
                .isEqualTo(JSON.readTree("{\"uid\": \"705ab4f5\", \"allowed\": true}"));
        assertThat(meters.counter("ambassador.injection", "reason", "Failed").count())
                .isEqualTo(1);
    }

    @Test
    void aPodThatRequiresItsRelayIsLeftToTheFailurePolicy() throws Exception {
        demands = namespace -> {
            throw new IllegalStateException("as a defect would");
        };

        HttpResponse<String> answer = post(REVIEW.replace("\"true\"", "\"required\""));

        assertThat(answer.statusCode()).isEqualTo(500);
        assertThat(answer.body())
                .isEqualTo("the relay that the pod requires could not be injected; the operator's log says why");
    }

    @Test
    void aNamespaceThatIsNotReconciledGetsNoRelays() throws Exception {
        assertThat(post(REVIEW.replace("shop", "other")).body()).doesNotContain("patch");
        assertThat(meters.counter("ambassador.injection", "reason", "OtherNamespace")
                        .count())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    ''                                                | not an AdmissionReview of admission.k8s.io/v1 with a request
                    {                                                 | not JSON
                    []                                                | not an AdmissionReview of admission.k8s.io/v1 with a request
                    {"apiVersion": "admission.k8s.io/v1beta1"}        | not an AdmissionReview of admission.k8s.io/v1 with a request
                    {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "1", "object": {}}} | a review of something that is no Pod
                    """)
    void whatIsNoReviewIsRefusedWithASentence(String body, String sentence) throws Exception {
        HttpResponse<String> answer = post(body);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).startsWith(sentence);
    }

    @Test
    void moreThanThreeMebibytesAreNotRead() throws Exception {
        HttpResponse<String> answer = post(" ".repeat(3 * 1024 * 1024 + 1));

        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(post(REVIEW).statusCode()).isEqualTo(200);
    }

    @Test
    void aReviewOfThreeMebibytesIsAnswered() throws Exception {
        assertThat(post(" ".repeat(3 * 1024 * 1024 - REVIEW.length()) + REVIEW).statusCode())
                .isEqualTo(200);
    }

    @Test
    void elsewhereThereIsNothing() throws Exception {
        assertThat(http.send(request("/").GET().build(), BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(404);
        assertThat(http.send(request("/inject").GET().build(), BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(405);
    }

    @Test
    void anotherCertificateTakesTheFirstOnesPlace() throws Exception {
        var before = Handshake.leafAt(server.actualPort());

        server.serve(TestCertificates.of("127.0.0.1", Clock.systemUTC().instant()));

        assertThat(Handshake.leafAt(server.actualPort())).isNotEqualTo(before);
    }

    private HttpResponse<String> post(String body) throws Exception {
        return http.send(request("/inject").POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + server.actualPort() + path))
                .timeout(Duration.ofSeconds(30));
    }
}
