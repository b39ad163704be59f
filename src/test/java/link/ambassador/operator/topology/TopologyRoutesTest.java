package link.ambassador.operator.topology;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import link.ambassador.operator.delivery.RelayLoad;
import link.ambassador.operator.delivery.RelayLoad.LinkLoad;
import link.ambassador.operator.delivery.RelaySync.SyncState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopologyRoutesTest {
    private final HttpClient http = HttpClient.newHttpClient();
    private Scene scene;

    @BeforeEach
    void open() throws Exception {
        scene = Scene.ofAShop();
    }

    @AfterEach
    void close() {
        scene.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "topology.css", "topology.js", "topology.json", "topology.json?namespace=a&name=b"})
    void everyAnswerForbidsWhatThePageDoesNotNeed(String path) throws Exception {
        HttpResponse<String> answer = ask(path);

        assertThat(answer.headers().firstValue("Content-Security-Policy").orElseThrow())
                .startsWith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';")
                .doesNotContain("unsafe", "*", "http");
        assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH"})
    void nothingCanBeWritten(String method) throws Exception {
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(scene.page().resolve("topology.json"))
                        .method(method, BodyPublishers.ofString("{}"))
                        .build(),
                BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(405);
    }

    /** A page elsewhere, whose name was made to resolve to this address, reads nothing through the browser of a person. */
    @ParameterizedTest
    @CsvSource({
        "localhost:15990, 200",
        "127.0.0.1:15990, 200",
        "[::1]:15990, 200",
        "10.244.0.7, 200",
        "evil.example.com, 403",
        "127.0.0.1.evil.example.com, 403",
        "localhost.evil.example.com:15990, 403"
    })
    void onlyAnAddressOrLocalhostIsAnsweredAsHost(String host, int status) throws Exception {
        for (String path : List.of("/", "/topology.json")) {
            assertThat(statusOf("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"))
                    .isEqualTo(status);
        }
    }

    @Test
    void anAmbassadorThatIsNotThereIsASentence() throws Exception {
        assertThat(ask("topology.json?namespace=shop&name=none").statusCode()).isEqualTo(404);
        assertThat(document("topology.json?namespace=shop&name=none")
                        .path("error")
                        .asText())
                .isEqualTo("There is no Ambassador of this namespace and name.");
        assertThat(ask("topology.json?name=cache").statusCode()).isEqualTo(400);
    }

    @Test
    void ofManyRelaysThoseThatLagAreListed() throws Exception {
        for (int i = 0; i < 60; i++) {
            scene.relay(
                    "billing",
                    "new",
                    "new-" + i,
                    i < 58 ? SyncState.ACKNOWLEDGED : SyncState.STALE,
                    "",
                    new RelayLoad(List.of()));
        }

        JsonNode relays = document("topology.json?namespace=billing&name=new").path("relays");

        assertThat(relays.path("listed")).hasSize(50);
        assertThat(relays.path("leftOut").asInt()).isEqualTo(10);
        assertThat(relays.path("listed").findValuesAsText("pod")).startsWith("new-58", "new-59", "new-0");
    }

    @Test
    void theLinksOfOtherAmbassadorsInTheSamePodAreLeftOut() throws Exception {
        scene.relay(
                "billing",
                "new",
                "web",
                SyncState.ACKNOWLEDGED,
                "",
                new RelayLoad(List.of(new LinkLoad(80, 3, List.of()), new LinkLoad(5432, 9, List.of()))));

        assertThat(document("topology.json?namespace=billing&name=new").at("/relays/listed/0/links"))
                .hasSize(1)
                .allMatch(link -> link.path("open").asInt() == 3);
    }

    @Test
    void anOverviewIsMadeOnceASecondAtMost() throws Exception {
        String before = ask("topology.json").body();

        // The scene's clock stands still.
        scene.ambassadors.clear();

        assertThat(ask("topology.json").body()).isEqualTo(before);
    }

    /** The page names the fields that a document has, and no others. */
    @Test
    void thePageDocumentsEveryField() throws IOException, InterruptedException {
        String page = Files.readString(Path.of("docs/topology.md"));
        JsonNode overview = document("topology.json");
        JsonNode detail = document("topology.json?namespace=shop&name=orders-db");

        for (JsonNode object : List.of(
                overview,
                overview.at("/ambassadors/0"),
                overview.at("/retargets/1"),
                detail,
                detail.at("/links/0"),
                detail.at("/conditions/0"),
                detail.at("/retargets/2"),
                detail.at("/relays"),
                detail.at("/relays/listed/0"),
                detail.at("/relays/listed/0/links/0"),
                detail.at("/relays/listed/0/links/0/targets/0"))) {
            assertThat(object.isObject()).isTrue();
            object.fieldNames().forEachRemaining(field -> assertThat(page).contains("`" + field + "`"));
        }
    }

    private JsonNode document(String path) throws IOException, InterruptedException {
        return new ObjectMapper().readTree(ask(path).body());
    }

    private HttpResponse<String> ask(String path) throws IOException, InterruptedException {
        URI address = scene.page().resolve(path);
        return http.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString());
    }

    /** By a socket, because Java's client sets the host itself. */
    private int statusOf(String request) throws IOException {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), scene.page().getPort())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return Integer.parseInt(answer.split(" ", 3)[1]);
        }
    }
}
