package link.ambassador.webhook.serving;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.TrustOptions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import link.ambassador.config.Printable;
import link.ambassador.webhook.tls.ClientAuthority;
import link.ambassador.webhook.tls.LeafKeyManager;
import link.ambassador.webhook.tls.ServerCertificate;
import org.jboss.logging.Logger;

/**
 * Serves {@code POST /inject} over HTTPS, from the first certificate on. Another certificate replaces it without a restart, for new
 * connections.
 *
 * <p>HTTP/1.1 only: over HTTP/2 an API server sends all requests through one connection, and notices only after 45 s that the other end
 * has disappeared. All that time pods would be admitted without their relays.
 */
final class AdmissionServer {
    static final String PATH = "/inject";

    private static final Logger LOG = Logger.getLogger(AdmissionServer.class);

    /** An API server accepts at most 3 MiB from its own clients, so it sends no more than that. */
    private static final int MOST_BYTES = 3 * 1024 * 1024;

    /** For all bodies together, beyond {@link #FREE_BYTES} of each. With those bytes of every connection, 24 MiB. */
    private static final int MOST_BYTES_OF_ALL = 16 * 1024 * 1024;

    /** The size of a review of a usual pod. */
    private static final int FREE_BYTES = 16 * 1024;

    /** An API server handles 200 changes at once by default. */
    private static final int MOST_CONNECTIONS = 512;

    private static final Duration HANDSHAKE = Duration.ofSeconds(5);

    /**
     * Longer than the 90 s after which the API server itself closes an idle connection: a request that crosses our close would
     * fail.
     */
    private static final Duration IDLE = Duration.ofMinutes(3);

    private static final Duration READ_CLIENTS_AGAIN = Duration.ofSeconds(30);

    private static final Duration LAST_ANSWERS = Duration.ofSeconds(2);

    private final Vertx vertx;
    private final int port;
    private final Optional<ClientAuthority> clients;
    private final BiFunction<Buffer, ReviewDeadline, Future<Buffer>> admission;
    private final InjectionMeters meters;
    private final BodyBudget bodies = new BodyBudget(MOST_BYTES_OF_ALL, FREE_BYTES);
    private final OpenConnections connections = new OpenConnections(MOST_CONNECTIONS);
    private final TokenBucket complaints = new TokenBucket(10, 0.1, System.nanoTime());
    private final LeafKeyManager keys = new LeafKeyManager();
    private final AtomicInteger unanswered = new AtomicInteger();
    private final Promise<Void> allAnswered = Promise.promise();
    private volatile boolean closing;
    private volatile HttpServer server;

    /**
     * Opens no port before {@link #serve}.
     *
     * @param clients the clients that may call the webhook; empty for all
     * @param admission answers the body of a review with the body of its response
     */
    AdmissionServer(
            Vertx vertx,
            int port,
            Optional<ClientAuthority> clients,
            InjectionMeters meters,
            BiFunction<Buffer, ReviewDeadline, Future<Buffer>> admission) {
        this.vertx = vertx;
        this.port = port;
        this.clients = clients;
        this.admission = admission;
        this.meters = meters;
        meters.holding(bodies);
    }

    /** Opens the port, or changes the certificate for new connections; returns when that is done. Not safe for several threads. */
    void serve(ServerCertificate certificate) {
        keys.use(certificate);
        if (server == null) {
            HttpServerOptions options = new HttpServerOptions()
                    .setPort(port)
                    .setSsl(true)
                    .setKeyCertOptions(KeyCertOptions.wrap(keys))
                    .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                    .setSslHandshakeTimeout(HANDSHAKE.toMillis())
                    .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                    .setIdleTimeout((int) IDLE.toMillis());
            clients.ifPresent(authority -> {
                options.setClientAuth(ClientAuth.REQUIRED).setTrustOptions(TrustOptions.wrap(authority));
                vertx.setPeriodic(
                        READ_CLIENTS_AGAIN.toMillis(), again -> vertx.executeBlocking(() -> read(authority), false));
            });
            HttpServer opening = vertx.createHttpServer(options);
            opening.exceptionHandler(broken -> LOG.debugf("a connection broke: %s", broken));
            opening.connectionHandler(connections::opened);
            opening.requestHandler(this::route);
            await(opening.listen());
            server = opening;
            LOG.infof("admission webhook listening on port %d", opening.actualPort());
        }
    }

    private static Void read(ClientAuthority clients) {
        clients.read();
        return null;
    }

    boolean isListening() {
        return server != null && !closing;
    }

    /** The port, also when the kernel chose it. */
    int actualPort() {
        return server.actualPort();
    }

    /** Answers the reviews that have arrived, closes each connection after its answer, and then closes the port. */
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
        if (!request.path().equals(PATH)) {
            refuse(request, 404, "there is " + PATH + " here, and nothing else");
        } else if (!request.method().equals(HttpMethod.POST)) {
            refuse(request, 405, PATH + " is for POST");
        } else {
            read(request);
        }
    }

    private void read(HttpServerRequest request) {
        if (!connections.requested(request.connection())) {
            refuse(request, 400, "send one request at a time");
            return;
        }
        unanswered.incrementAndGet();
        Duration time = ReviewDeadline.within(request.getParam("timeout"));
        ReviewDeadline deadline = ReviewDeadline.in(time);
        ReviewExchange exchange = new ReviewExchange(request, bodies.share(), meters);
        long timer = vertx.setTimer(time.toMillis(), late -> exchange.tooLate());
        exchange.whenEnded(() -> {
            vertx.cancelTimer(timer);
            connections.answered(request.connection());
            answered();
        });
        exchange.read(MOST_BYTES)
                .compose(body -> admission.apply(body, deadline))
                .onSuccess(answer -> exchange.answer(answer, closing))
                .onFailure(failure -> fail(exchange, failure));
    }

    private void fail(ReviewExchange exchange, Throwable failure) {
        if (failure instanceof BadReview bad) {
            if (complaints.take(System.nanoTime())) {
                LOG.warnf("cannot answer an admission review: %s", Printable.text(bad.getMessage()));
            }
            exchange.refuse(400, bad.getMessage(), "BadReview");
        } else if (failure instanceof ReviewDeadline.TooLate) {
            exchange.tooLate();
        } else {
            // The reason is not for everyone who reaches the port.
            exchange.fail("the relay that the pod requires could not be injected; the operator's log says why");
        }
    }

    /** Also closes the connection, because an API server sends no such request. */
    private static void refuse(HttpServerRequest request, int status, String sentence) {
        request.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE)
                .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; charset=utf-8")
                .end(sentence);
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
