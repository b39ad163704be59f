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
import link.ambassador.webhook.tls.Certificates;
import link.ambassador.webhook.tls.ClientAuthority;
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

    /** Of all bodies beyond {@link #FREE_BYTES}; with those of all connections 24 MiB. */
    private static final int MOST_BYTES_OF_ALL = 16 * 1024 * 1024;

    /** What a review of a pod of the usual size has. */
    private static final int FREE_BYTES = 16 * 1024;

    /** An API server changes 200 objects at once, unless it is told otherwise. */
    private static final int MOST_CONNECTIONS = 512;

    private static final Duration HANDSHAKE = Duration.ofSeconds(5);

    /**
     * Longer than the 90 s after which the API server itself ends a connection that is idle: a request that meets our end of
     * it would fail.
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
     * @param clients those who may ask; empty means anybody
     * @param admission from the body of a review to that of its answer
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

    /** Opens the port, or serves by another certificate from now on; waits until that is so. Not to be called by two threads. */
    void serve(Certificates certificates) {
        keys.use(certificates);
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
        if (!request.path().equals(PATH)) {
            refuse(request, 404, "there is " + PATH + " here, and nothing else");
        } else if (!request.method().equals(HttpMethod.POST)) {
            refuse(request, 405, PATH + " is for POST");
        } else {
            read(request);
        }
    }

    private void read(HttpServerRequest request) {
        if (!connections.asks(request.connection())) {
            refuse(request, 400, "send one request at a time");
            return;
        }
        unanswered.incrementAndGet();
        Duration time = ReviewDeadline.within(request.getParam("timeout"));
        ReviewDeadline deadline = ReviewDeadline.in(time);
        Question question = new Question(request, bodies.share(), meters);
        long timer = vertx.setTimer(time.toMillis(), late -> question.tooLate());
        question.whenOver(() -> {
            vertx.cancelTimer(timer);
            connections.isAnswered(request.connection());
            answered();
        });
        question.read(MOST_BYTES)
                .compose(body -> admission.apply(body, deadline))
                .onSuccess(answer -> question.answer(answer, closing))
                .onFailure(failure -> fail(question, failure));
    }

    private void fail(Question question, Throwable failure) {
        if (failure instanceof BadReview bad) {
            if (complaints.take(System.nanoTime())) {
                LOG.warnf("cannot answer an admission review: %s", Printable.text(bad.getMessage()));
            }
            question.refuse(400, bad.getMessage(), "BadReview");
        } else if (failure instanceof TooLate) {
            question.tooLate();
        } else {
            // Why is not for everybody who reaches the port.
            question.fail("the relay that the pod requires could not be injected; the operator's log says why");
        }
    }

    /** And ends the connection: an API server asks nothing of the kind. */
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
