package link.ambassador.webhook.serving;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.KeyCertOptions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import link.ambassador.webhook.tls.Certificates;
import link.ambassador.webhook.tls.LeafKeyManager;
import org.jboss.logging.Logger;

/**
 * {@code POST /inject} over HTTPS, from the first certificate on; another certificate takes its place without a restart, for
 * connections that are made from then on.
 *
 * <p>HTTP/1.1 only: over HTTP/2 an API server sends everything through one connection, and notices after 45 s that its other
 * end is gone without a word; all that time pods would be admitted without their relays.
 */
final class AdmissionServer {
    static final String PATH = "/inject";

    private static final Logger LOG = Logger.getLogger(AdmissionServer.class);

    /** An API server sends at most 3 MiB to its own clients' requests, and so as much to us. */
    private static final int MOST_BYTES = 3 * 1024 * 1024;

    /**
     * Longer than the 90 s after which the API server itself ends a connection that is idle: a request that meets our end of
     * it would fail.
     */
    private static final Duration IDLE = Duration.ofMinutes(3);

    private static final Duration LAST_ANSWERS = Duration.ofSeconds(2);

    private final Vertx vertx;
    private final int port;
    private final Function<Buffer, Future<Buffer>> admission;
    private final LeafKeyManager keys = new LeafKeyManager();
    private final AtomicInteger unanswered = new AtomicInteger();
    private final Promise<Void> allAnswered = Promise.promise();
    private volatile boolean closing;
    private volatile HttpServer server;

    /** @param admission from the body of a review to that of its answer */
    AdmissionServer(Vertx vertx, int port, Function<Buffer, Future<Buffer>> admission) {
        this.vertx = vertx;
        this.port = port;
        this.admission = admission;
    }

    /** Opens the port, or serves by another certificate from now on; waits until that is so. Not to be called by two threads. */
    void serve(Certificates certificates) {
        keys.use(certificates);
        if (server == null) {
            HttpServer opening = vertx.createHttpServer(new HttpServerOptions()
                    .setPort(port)
                    .setSsl(true)
                    .setKeyCertOptions(KeyCertOptions.wrap(keys))
                    .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                    .setIdleTimeout((int) IDLE.toMillis()));
            opening.requestHandler(this::route);
            await(opening.listen());
            server = opening;
            LOG.infof("pods are admitted on port %d", opening.actualPort());
        }
    }

    boolean isListening() {
        return server != null && !closing;
    }

    /** The port, also when it was left to the kernel. */
    int actualPort() {
        return server.actualPort();
    }

    /** Answers what has been asked, ends each connection with its answer, and then closes. */
    Future<Void> close() {
        HttpServer open = server;
        if (open == null) {
            return Future.succeededFuture();
        }
        closing = true;
        if (unanswered.get() == 0) {
            allAnswered.tryComplete();
        }
        return allAnswered
                .future()
                .timeout(LAST_ANSWERS.toMillis(), TimeUnit.MILLISECONDS)
                .otherwiseEmpty()
                .compose(answered -> open.close());
    }

    private void route(HttpServerRequest request) {
        HttpServerResponse response = request.response();
        if (!request.path().equals(PATH)) {
            refuse(response, 404, "there is " + PATH + " here, and nothing else");
        } else if (!request.method().equals(HttpMethod.POST)) {
            refuse(response, 405, PATH + " is for POST");
        } else {
            read(request);
        }
    }

    private void read(HttpServerRequest request) {
        unanswered.incrementAndGet();
        request.response().endHandler(ended -> answered());
        request.response().exceptionHandler(gone -> LOG.debugf("an answer was not wanted any more: %s", gone));
        Buffer body = Buffer.buffer();
        request.exceptionHandler(gone -> LOG.debugf("a review ended early: %s", gone));
        request.handler(chunk -> {
            if (body.length() + chunk.length() > MOST_BYTES) {
                request.handler(null).endHandler(null);
                request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
                refuse(request.response(), 413, "a review may have " + MOST_BYTES + " bytes");
            } else {
                body.appendBuffer(chunk);
            }
        });
        request.endHandler(whole -> admission
                .apply(body)
                .onSuccess(answer -> answer(request.response(), answer))
                .onFailure(failure -> fail(request.response(), failure)));
    }

    private void answer(HttpServerResponse response, Buffer answer) {
        if (closing) {
            response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        if (!response.closed()) {
            response.putHeader(HttpHeaders.CONTENT_TYPE, "application/json").end(answer);
        }
    }

    private static void fail(HttpServerResponse response, Throwable failure) {
        if (failure instanceof BadReview bad) {
            LOG.warnf("a review that cannot be answered: %s", bad.getMessage());
            refuse(response, 400, bad.getMessage());
        } else {
            refuse(response, 500, "the relay that the pod requires could not be injected: " + failure.getMessage());
        }
    }

    private static void refuse(HttpServerResponse response, int status, String sentence) {
        if (!response.closed() && !response.ended()) {
            response.setStatusCode(status)
                    .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; charset=utf-8")
                    .end(sentence);
        }
    }

    private void answered() {
        if (unanswered.decrementAndGet() == 0 && closing) {
            allAnswered.tryComplete();
        }
    }

    private static void await(Future<?> future) {
        future.toCompletionStage().toCompletableFuture().join();
    }
}
