package link.ambassador.webhook.serving;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import java.util.concurrent.atomic.AtomicInteger;
import link.ambassador.config.RelayImage;
import link.ambassador.relay.LoopbackPort;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FirstReviewTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Vertx vertx = Vertx.vertx();
    private final FirstReview review =
            new FirstReview(new KubernetesSerialization(), RelayImage.named("example.com/ambassador:test"));

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void itsPodGetsARelay() throws Exception {
        JsonNode response = JSON.readTree(review.answer()).path("response");

        assertThat(response.path("allowed").asBoolean()).isTrue();
        assertThat(JSON.readTree(response.path("patch").binaryValue()).toString())
                .contains("example.com/ambassador:test");
    }

    @Test
    void itReturnsWhenThePortIsClosed() throws Exception {
        review.rehearse(LoopbackPort.free());
    }

    @Test
    void itReturnsWhenTheWebhookEndsTheHandshake() {
        AtomicInteger connections = new AtomicInteger();
        NetServer refusing = vertx.createNetServer();
        refusing.connectHandler(connection -> {
            connections.incrementAndGet();
            connection.close();
        });
        refusing.listen(0, "localhost")
                .toCompletionStage()
                .toCompletableFuture()
                .join();

        review.rehearse(refusing.actualPort());

        assertThat(connections).hasPositiveValue();
    }
}
