package link.ambassador.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.kubernetes.OwnVertx;
import link.ambassador.kubernetes.WithoutRetry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An Event that the API server rejects stops nothing, and what goes on is recorded once. */
@EnableKubernetesMockClient(kubernetesClientBuilderCustomizer = OwnVertx.class)
class EventRecorderTest {
    private static final String EVENTS = "/api/v1/namespaces/shop/events";
    private static final Instant NOW = Instant.parse("2026-11-30T10:00:00Z");
    private static final AmbassadorEvent ONGOING = new AmbassadorEvent(true, "NotInjected", "3 pods have no relay");

    private KubernetesMockServer server;
    private KubernetesClient client;
    private KubernetesClient once;
    private EventRecorder recorder;

    @BeforeEach
    void record() {
        once = WithoutRetry.client(client);
        recorder = new EventRecorder(once);
    }

    @AfterEach
    void close() {
        once.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 404, 409, 500})
    void anEventThatIsRefusedStopsNothing(int code) throws Exception {
        server.expect().post().withPath(EVENTS).andReturn(code, "{}").once();

        recorder.record(ambassador(), ONGOING, NOW);

        assertThat(server.takeRequest().getMethod()).isEqualTo("POST");
    }

    @Test
    void whatGoesOnIsWrittenOnceUnderANameOfItsOwn() throws Exception {
        server.expect().post().withPath(EVENTS).andReturn(201, "{}").always();

        recorder.recordOngoing(ambassador(), List.of(ONGOING), NOW);
        recorder.recordOngoing(ambassador(), List.of(ONGOING), NOW.plusSeconds(60));
        Event first = event();
        assertThat(server.getRequestCount()).isOne();
        assertThat(first.getReason()).isEqualTo("NotInjected");
        assertThat(first.getMetadata().getName()).startsWith("redis.");

        new EventRecorder(once).recordOngoing(ambassador(), List.of(ONGOING), NOW);
        assertThat(event().getMetadata().getName())
                .as("the same for the next operator, so that the API server refuses it")
                .isEqualTo(first.getMetadata().getName());
    }

    @Test
    void aLongMessageIsCutAndStaysOneLine() throws Exception {
        server.expect().post().withPath(EVENTS).andReturn(201, "{}").once();

        recorder.record(ambassador(), new AmbassadorEvent(true, "Refused", "a\nb " + "x".repeat(5_000)), NOW);

        assertThat(event().getMessage()).startsWith("a\\u000ab x").hasSizeLessThanOrEqualTo(1_024);
    }

    private Event event() throws InterruptedException {
        return Serialization.unmarshal(server.takeRequest().getUtf8Body(), Event.class);
    }

    private static Ambassador ambassador() {
        Ambassador ambassador = new Ambassador();
        ambassador.setMetadata(new ObjectMetaBuilder()
                .withNamespace("shop")
                .withName("redis")
                .withUid("a-1")
                .build());
        return ambassador;
    }
}
