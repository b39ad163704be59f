package link.ambassador.operator.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.http.RecordedRequest;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import link.ambassador.kubernetes.OwnVertx;
import link.ambassador.kubernetes.WithoutRetry;
import link.ambassador.operator.delivery.PodAnnotations.Outcome;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the operator makes of answers that a real API server rarely gives. PodAnnotationsIT asks a real one. */
@EnableKubernetesMockClient(kubernetesClientBuilderCustomizer = OwnVertx.class)
class PodAnnotationsTest {
    private static final String PATH = "/api/v1/namespaces/shop/pods/web/status";

    private final Vertx vertx = Vertx.vertx();
    private KubernetesMockServer server;
    private KubernetesClient client;
    private KubernetesClient once;

    @BeforeEach
    void ask() {
        once = WithoutRetry.client(client);
    }

    @AfterEach
    void close() throws Exception {
        once.close();
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    void thePatchNamesThePodsUidAndNothingButAnnotations() throws Exception {
        server.expect().patch().withPath(PATH).andReturn(200, "{}").once();

        assertThat(patch()).isEqualTo(Outcome.SENT);
        RecordedRequest request = server.takeRequest();
        assertThat(request.getHeader("Content-Type")).startsWith("application/merge-patch+json");
        assertThat(new ObjectMapper().readTree(request.getUtf8Body()))
                .isEqualTo(
                        new ObjectMapper()
                                .readTree(
                                        "{\"metadata\":{\"annotations\":{\"ambassador.link/links\":\"{}\",\"ambassador.link/refresh\":null},\"uid\":\"u-1\"}}"));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "404, `{\"message\":\"pods web not found\"}`",
                "409, `{\"message\":\"Precondition failed: UID in precondition: u-1, UID in object meta: u-2\"}`",
                "422, `{\"message\":\"invalid\",\"details\":{\"causes\":[{\"field\":\"metadata.uid\"}]}}`"
            })
    void anotherPodOfThatNameIsAGonePod(int code, String body) throws Exception {
        server.expect().patch().withPath(PATH).andReturn(code, body).once();

        assertThat(patch()).isEqualTo(Outcome.GONE);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "409, `{\"message\":\"the object has been modified\"}`, the object has been modified",
                "422, `{\"message\":\"annotations are too long\"}`, annotations are too long",
                "429, `{\"message\":\"too many requests\"}`, too many requests",
                "500, `<html>\tan error\u0007 of a proxy`, of a proxy"
            })
    void anyOtherAnswerIsAFailureWithItsSentence(int code, String body, String sentence) {
        server.expect().patch().withPath(PATH).andReturn(code, body).once();

        assertThatThrownBy(this::patch)
                .hasMessageContaining("the API server rejected the patch of pod shop/web with " + code)
                .hasMessageContaining(sentence)
                .hasMessageNotContainingAny("\t", "\u0007");
    }

    private Outcome patch() throws Exception {
        RelayPod pod = new RelayPod("shop", "web", "u-1", Optional.empty(), true, false, true);
        return new PodAnnotations(vertx, once, new SimpleMeterRegistry())
                .writeTable(pod, "{}", 0)
                .toCompletionStage()
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
    }
}
