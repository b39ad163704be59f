package link.ambassador.relay.admin;

import io.vertx.core.Future;
import io.vertx.core.Promise;
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
import link.ambassador.relay.Relay;
import link.ambassador.relay.RelaySnapshot;
import link.ambassador.relay.TableStatus;

/**
 * The read-only admin port: {@code /livez}, {@code /startz}, {@code /readyz}, {@code /links}, {@code /metrics}.
 *
 * <p>It allows few connections and has short timeouts, because it shares the event loop, the file descriptors and the
 * memory of the relay. A connection carries one request and is closed after the response. Open connections would take
 * the few places that the next probe needs, and a client that polls once a second or once in 15 s saves nothing by
 * keeping one.
 */
public final class AdminServer {
    private static final Logger LOG = Logger.getLogger(AdminServer.class.getName());
    private static final int IDLE_SECONDS = 5;

    /** The longest request body, which is dropped. */
    private static final int MAX_BODY_BYTES = 64 * 1024;

    private final Relay relay;
    private final String version;
    private final AdminConnections connections = new AdminConnections();
    private MetricsDocument metrics;

    public AdminServer(Relay relay, String version) {
        this.relay = relay;
        this.version = version;
    }

    /** Completes when every admin address listens; fails with the reason if one cannot. */
    public Future<Void> start() {
        // On the event loop: Vert.x completes a server behind its bind, and a connection that came in between would
        // find it incomplete.
        Promise<Void> listening = Promise.promise();
        relay.vertx().runOnContext(onLoop -> listen().onComplete(listening));
        return listening.future();
    }

    private Future<Void> listen() {
        List<Future<HttpServer>> bound = new ArrayList<>();
        for (String host : relay.settings().admin().addresses().hosts()) {
            HttpServerOptions options = new HttpServerOptions()
                    .setHost(host)
                    .setPort(relay.settings().admin().port())
                    .setIdleTimeout(IDLE_SECONDS)
                    .setIdleTimeoutUnit(TimeUnit.SECONDS)
                    .setHttp2ClearTextEnabled(false)
                    .setMaxHeaderSize(4096)
                    .setMaxInitialLineLength(1024);
            bound.add(relay.vertx()
                    .createHttpServer(options)
                    .connectionHandler(connections::opened)
                    .requestHandler(this::requested)
                    .listen());
        }
        return Future.all(bound).mapEmpty();
    }

    private void requested(HttpServerRequest request) {
        HttpConnection connection = request.connection();
        if (!connections.requested(connection)) {
            return;
        }
        request.handler(body -> {
            if (request.bytesRead() > MAX_BODY_BYTES) {
                connection.close();
            }
        });
        HttpServerResponse response = request.response().putHeader("Connection", "close");
        Promise<Void> written = Promise.promise();
        response.bodyEndHandler(written::complete);
        answer(request, response);
        // Not before the end of the request: over unread bytes the close would be a reset, which could overtake the
        // response.
        Future.join(written.future(), request.end()).onComplete(done -> connection.close());
    }

    private void answer(HttpServerRequest request, HttpServerResponse response) {
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
                        relay.isShuttingDown() ? "shutting down" : "not every link listens: see /links");
            case "/links" ->
                document(response, "application/json", snapshot -> LinksSize.write(LinksDocument.of(snapshot, version))
                        .appendString("\n"));
            case "/metrics" ->
                document(
                        response,
                        MetricsDocument.CONTENT_TYPE,
                        snapshot -> Buffer.buffer(metrics().write(snapshot)));
            default -> response.setStatusCode(404).end("/livez /startz /readyz /links /metrics\n");
        }
    }

    /**
     * Writes documents on a worker thread, one after the other: with thousands of links it takes too long for the event
     * loop.
     */
    private void document(HttpServerResponse response, String type, Function<RelaySnapshot, Buffer> writer) {
        RelaySnapshot snapshot = RelaySnapshot.of(relay);
        relay.vertx()
                .executeBlocking(() -> writer.apply(snapshot))
                .onFailure(e -> LOG.log(Level.SEVERE, "cannot write a document of the admin port", e))
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

    /** What the start waits for. */
    private String notStarted() {
        TableStatus table = relay.tableStatus();
        if (table.applied().isPresent()) {
            return "not every link was tried yet";
        }
        return "waiting for a link table: "
                + table.rejected()
                        .map(TableStatus.Rejected::error)
                        .or(table::noTable)
                        .orElse("the file was not read yet");
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
