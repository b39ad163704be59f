package link.ambassador.operator.delivery;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.time.Duration;
import link.ambassador.config.Printable;

/**
 * Asks on the pod's address, which needs no Service and no right at the API server; a NetworkPolicy may forbid it. Each
 * question has a connection of its own: a relay has few, and keeps them for seconds only.
 *
 * <p>Whoever runs a pod decides what answers there, so an answer has {@value #MOST_BYTES} bytes and 2 s for the whole of it, and
 * what is under way at once is bounded, of one namespace too. At a bound the connection is closed over what is unread.
 */
public final class AdminPortPolls implements RelayPolls {
    private static final Duration CONNECT = Duration.ofSeconds(1);
    private static final Duration WHOLE_ANSWER = Duration.ofSeconds(2);

    /** A relay with the largest table that an annotation can have says less than half of this. */
    static final int MOST_BYTES = 256 * 1024;

    /** So that answers take 64 MiB at most, of which a namespace has a quarter. */
    private static final int MOST_AT_ONCE = 256;

    private static final int MOST_OF_A_NAMESPACE = 64;

    private final ObjectMapper json = new ObjectMapper();
    private final Vertx vertx;
    private final HttpClient http;
    private final int adminPort;
    private final FairTurns turns;

    public AdminPortPolls(Vertx vertx, int adminPort) {
        this.vertx = vertx;
        this.adminPort = adminPort;
        this.turns = new FairTurns(vertx, MOST_AT_ONCE, MOST_OF_A_NAMESPACE);
        this.http = vertx.createHttpClient(
                new HttpClientOptions().setKeepAlive(false).setConnectTimeout(Math.toIntExact(CONNECT.toMillis())));
    }

    @Override
    public Future<RelayStatus> ask(RelayPod pod) {
        if (pod.ip().isEmpty()) {
            return Future.failedFuture("has no address yet");
        }
        return turns.run(pod.namespace(), () -> new Question(pod.ip().get()).ask())
                .map(body -> parse(body.getBytes()))
                .recover(failure -> Future.failedFuture(
                        "does not answer on port " + adminPort + ": " + Printable.sentence(failure)));
    }

    private RelayStatus parse(byte[] body) {
        try {
            return RelayStatus.parse(json.readTree(body));
        } catch (IOException e) {
            throw new IllegalArgumentException("its answer is not JSON", e);
        }
    }

    /** One of them; on its context only. */
    private final class Question {
        private final String address;
        private final Promise<Buffer> answer = Promise.promise();
        private final Buffer read = Buffer.buffer();

        Question(String address) {
            this.address = address;
        }

        Future<Buffer> ask() {
            long deadline = vertx.setTimer(
                    WHOLE_ANSWER.toMillis(),
                    late -> answer.tryFail("no complete answer within " + WHOLE_ANSWER.toSeconds() + " s"));
            answer.future().onComplete(over -> vertx.cancelTimer(deadline));
            http.request(new RequestOptions()
                            .setMethod(HttpMethod.GET)
                            .setHost(address)
                            .setPort(adminPort)
                            .setURI("/links"))
                    .onSuccess(this::send)
                    .onFailure(answer::tryFail);
            return answer.future();
        }

        private void send(HttpClientRequest request) {
            // Whichever way it ends: the connection is no longer needed, and what still comes is not read.
            answer.future().onComplete(over -> request.connection().close());
            request.response().onSuccess(this::read).onFailure(answer::tryFail);
            request.end().onFailure(answer::tryFail);
        }

        private void read(HttpClientResponse response) {
            if (response.statusCode() != HttpURLConnection.HTTP_OK) {
                answer.tryFail("it answers with status " + response.statusCode());
                return;
            }
            response.handler(some -> {
                if (read.length() + some.length() > MOST_BYTES) {
                    answer.tryFail("its answer is larger than " + MOST_BYTES + " bytes");
                } else if (!answer.future().isComplete()) {
                    read.appendBuffer(some);
                }
            });
            response.exceptionHandler(answer::tryFail);
            response.endHandler(end -> answer.tryComplete(read));
        }
    }
}
