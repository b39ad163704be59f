package link.ambassador.operator.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import link.ambassador.config.LinkTableWriter;
import link.ambassador.config.RelayEnvironment;
import link.ambassador.operator.delivery.RelaySync.SyncState;
import link.ambassador.operator.gateway.GatewayCase;
import link.ambassador.relay.PodRelay;
import org.junit.jupiter.api.Test;

/**
 * Relays and operators of two versions, which meet whenever an operator is upgraded or goes back: its relays run on. The files of {@code
 * previous-version} are what an operator wrote, and what a relay that served it answered, of the last commit before {@code /links}
 * got its present names. {@code PreviousVersionE2E} runs the images of both versions, of any commit.
 */
@SuppressWarnings("try") // What runs while a block does.
final class PreviousVersionTest {
    private static final Path RECORDED = Path.of("src/test/resources/previous-version");
    private static final String REVISION = "51010210";

    /** On an address of this test's own. */
    private static final String ADDRESS = "127.77.0.1";

    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void theAnswerOfAPreviousRelayIsAnAcknowledgement() throws IOException {
        RelayStatus answer = RelayStatusReader.read(recorded("links.json"));

        assertThat(RelaySync.of(answer, REVISION).state()).isEqualTo(SyncState.ACKNOWLEDGED);
        assertThat(answer.version()).isEqualTo("0.1.0-SNAPSHOT");
        assertThat(answer.rejected()).isEmpty();
        assertThat(answer.links())
                .extracting(RelayStatus.LinkAnswer::alias, RelayStatus.LinkAnswer::listen)
                .containsExactly(tuple("db", 25432), tuple("orders-db", 28080));
        assertThat(answer.links())
                .flatExtracting(RelayStatus.LinkAnswer::targets)
                .extracting(RelayStatus.TargetAnswer::target, target -> target.lastResult()
                        .orElse(""))
                .containsExactly(
                        tuple("127.0.0.1:26379", "ok"),
                        tuple("pg-b.us.example.com.:5432", ""),
                        tuple("127.0.0.1:26380", "refused"));
    }

    @Test
    void theTableOfAPreviousOperatorIsServedAndAcknowledgedInItsWords() throws Exception {
        JsonNode answer = answerToTheRecordedTable();

        assertThat(RelaySync.of(RelayStatusReader.read(answer), REVISION).state())
                .isEqualTo(SyncState.ACKNOWLEDGED);
        assertThat(answer.path("applied").path("unknownFields")).isEmpty();
        Set<String> missing = fields(recorded("links.json"));
        missing.removeAll(fields(answer));
        // No operator has read these: they are called active and ejected now.
        assertThat(missing).containsExactlyInAnyOrder("links[].targets[].inUse", "links[].targets[].passedOver");
    }

    @Test
    void aPreviousRelayKnowsEveryFieldOfATable() throws IOException {
        byte[] written = LinkTableWriter.write(
                GatewayCase.table(GatewayCase.named("fuller").ambassador()));

        assertThat(fields(recorded("table.json"))).containsAll(fields(JSON.readTree(written)));
    }

    private static JsonNode answerToTheRecordedTable() throws Exception {
        Vertx vertx = Vertx.vertx();
        try (PodRelay relay = PodRelay.start("web-1", ADDRESS, RECORDED.resolve("table.json"))) {
            return await("both links listen")
                    .until(() -> ask(vertx), answer -> RelaySync.of(RelayStatusReader.read(answer), REVISION)
                            .state()
                            .equals(SyncState.ACKNOWLEDGED));
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    private static JsonNode ask(Vertx vertx) throws Exception {
        Buffer answer = vertx.createHttpClient()
                .request(HttpMethod.GET, RelayEnvironment.DEFAULT_ADMIN_PORT, ADDRESS, "/links")
                .compose(request -> request.send().compose(HttpClientResponse::body))
                .toCompletionStage()
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);
        return JSON.readTree(answer.getBytes());
    }

    private static JsonNode recorded(String file) throws IOException {
        return JSON.readTree(Files.readAllBytes(RECORDED.resolve(file)));
    }

    /** As paths, {@code links[].targets[].host}. */
    private static Set<String> fields(JsonNode document) {
        Set<String> fields = new TreeSet<>();
        collect("", document, fields);
        return fields;
    }

    private static void collect(String path, JsonNode node, Set<String> fields) {
        node.properties().forEach(field -> {
            String below = path.isEmpty() ? field.getKey() : path + "." + field.getKey();
            fields.add(below);
            collect(below, field.getValue(), fields);
        });
        if (node.isArray()) {
            node.forEach(element -> collect(path + "[]", element, fields));
        }
    }
}
