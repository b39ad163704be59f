package link.ambassador.relay;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The read-only admin port: {@code /livez}, {@code /startz}, {@code /readyz}, {@code /links}, {@code /metrics}.
 *
 * <p>Few connections and short timeouts: it shares the event loop, the file descriptors and the memory of the relay.
 */
final class AdminServer {
    private static final Logger LOG = Logger.getLogger(AdminServer.class.getName());
    private static final int MAX_CONNECTIONS = 16;
    private static final int IDLE_SECONDS = 5;

    private final Relay relay;
    private final String version;
    private MetricsDocument metrics;
    private int connections;

    AdminServer(Relay relay, String version) {
        this.relay = relay;
        this.version = version;
    }

    /** Completes when every admin address listens; fails with the reason when one cannot. */
    Future<Void> start() {
        List<Future<HttpServer>> bound = new ArrayList<>();
        for (String host : relay.settings().admin().hosts()) {
            HttpServerOptions options = new HttpServerOptions()
                    .setHost(host)
                    .setPort(relay.settings().adminPort())
                    .setIdleTimeout(IDLE_SECONDS)
                    .setIdleTimeoutUnit(TimeUnit.SECONDS)
                    .setHttp2ClearTextEnabled(false)
                    .setMaxHeaderSize(4096)
                    .setMaxInitialLineLength(1024);
            bound.add(relay.vertx()
                    .createHttpServer(options)
                    .connectionHandler(this::connected)
                    .requestHandler(this::answer)
                    .listen());
        }
        return Future.all(bound).mapEmpty();
    }

    private void connected(HttpConnection connection) {
        if (connections >= MAX_CONNECTIONS) {
            connection.close();
            return;
        }
        connections++;
        connection.closeHandler(closed -> connections--);
    }

    private void answer(HttpServerRequest request) {
        HttpServerResponse response = request.response();
        if (!HttpMethod.GET.equals(request.method()) && !HttpMethod.HEAD.equals(request.method())) {
            response.putHeader("Allow", "GET, HEAD").setStatusCode(405).end("read-only: GET and HEAD\n");
            return;
        }
        switch (request.path()) {
            case "/livez" -> probe(response, true, "");
            case "/startz" -> probe(response, relay.isStarted(), notStarted());
            case "/readyz" ->
                probe(
                        response,
                        relay.isReady(),
                        relay.isGoingAway() ? "going away" : "not every link listens: see /links");
            case "/links" ->
                document(response, "application/json", snapshot -> LinksDocument.of(snapshot, version)
                        .toBuffer()
                        .appendString("\n"));
            case "/metrics" ->
                document(
                        response,
                        MetricsDocument.CONTENT_TYPE,
                        snapshot -> Buffer.buffer(metrics().write(snapshot)));
            default -> response.setStatusCode(404).end("/livez /startz /readyz /links /metrics\n");
        }
    }

    /** Written on a thread of its own, one document after the other: of thousands of links it takes longer than bytes may wait. */
    private void document(HttpServerResponse response, String type, Function<RelaySnapshot, Buffer> writer) {
        RelaySnapshot snapshot = RelaySnapshot.of(relay);
        relay.vertx()
                .executeBlocking(() -> writer.apply(snapshot))
                .onFailure(e -> LOG.log(Level.SEVERE, "a document of the admin port could not be written", e))
                .onComplete(written -> {
                    if (response.closed()) {
                        return;
                    }
                    if (written.succeeded()) {
                        response.putHeader("Content-Type", type).end(written.result());
                    } else {
                        response.setStatusCode(500).end("an error in the relay: see its log\n");
                    }
                });
    }

    /** What it waits for. */
    private String notStarted() {
        Acknowledgement acknowledgement = relay.acknowledgement();
        if (acknowledgement.applied().isPresent()) {
            return "a bind was not tried yet";
        }
        return "waiting for a link table: "
                + acknowledgement
                        .rejected()
                        .map(Acknowledgement.Rejected::error)
                        .or(acknowledgement::noTable)
                        .orElse("it was not read yet");
    }

    private static void probe(HttpServerResponse response, boolean ok, String why) {
        response.setStatusCode(ok ? 200 : 503).end(ok ? "ok\n" : why + "\n");
    }

    private MetricsDocument metrics() {
        if (metrics == null) {
            metrics = new MetricsDocument();
        }
        return metrics;
    }
}
