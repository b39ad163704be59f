package link.ambassador.operator.delivery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
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
import java.util.function.BiConsumer;
import link.ambassador.config.Printable;

/**
 * Polls relays for what they serve, on the admin port of their pods. That needs no Service and no right at the API server; a
 * NetworkPolicy may forbid it. Each poll has a connection of its own, because a relay allows few, and keeps them for seconds only.
 *
 * <p>Anyone who runs a pod decides what answers there. So an answer has {@value #MOST_BYTES} bytes and 2 s for the whole of it, and
 * the polls in flight are bounded, in total and for each namespace. At a bound the poll closes its connection.
 */
public final class AdminPortPolls {
    private static final Duration CONNECT = Duration.ofSeconds(1);
    private static final Duration WHOLE_ANSWER = Duration.ofSeconds(2);

    /** A relay shortens an answer of more than three quarters of this. */
    static final int MOST_BYTES = 256 * 1024;

    /** All answers together take at most 64 MiB, and those of one namespace a quarter of that. */
    private static final int MOST_AT_ONCE = 256;

    private static final int MOST_OF_A_NAMESPACE = 64;

    private final ObjectMapper json = new ObjectMapper();
    private final Vertx vertx;
    private final HttpClient http;
    private final int adminPort;
    private final MeterRegistry meters;
    private final FairTurns turns;
    private final BiConsumer<RelayPod, RelayLoad> loads;

    /**
     * Without any poll.
     *
     * @param loads called with what each answer says of open connections, on the context of the poll; must not block
     */
    public AdminPortPolls(Vertx vertx, int adminPort, MeterRegistry meters, BiConsumer<RelayPod, RelayLoad> loads) {
        this.loads = loads;
        this.vertx = vertx;
        this.adminPort = adminPort;
        this.meters = meters;
        this.turns = new FairTurns(vertx, MOST_AT_ONCE, MOST_OF_A_NAMESPACE);
        this.http = vertx.createHttpClient(
                new HttpClientOptions().setKeepAlive(false).setConnectTimeout(Math.toIntExact(CONNECT.toMillis())));
    }

    /** Completes on the caller's context within seconds; fails with a sentence when there is no answer. */
    public Future<RelayStatus> poll(RelayPod pod) {
        Future<RelayStatus> status = pod.ip().isEmpty()
                ? Future.failedFuture("has no address yet")
                : turns.run(pod.namespace(), () -> new Poll(pod.ip().get()).send())
                        .map(body -> parse(pod, body.getBytes()))
                        .recover(failure -> Future.failedFuture(
                                "does not answer on port " + adminPort + ": " + Printable.sentence(failure)));
        return status.onComplete(ended -> meters.counter(
                        "ambassador.relay.polls", "outcome", ended.succeeded() ? "answered" : "unreachable")
                .increment());
    }

    private RelayStatus parse(RelayPod pod, byte[] body) {
        try {
            JsonNode document = json.readTree(body);
            loads.accept(pod, RelayLoad.parse(document));
            return RelayStatusReader.read(document);
        } catch (IOException e) {
            throw new IllegalArgumentException("its answer is not JSON", e);
        }
    }

    /** One poll; on its context only. */
    private final class Poll {
        private final String address;
        private final Promise<Buffer> answer = Promise.promise();
        private final Buffer read = Buffer.buffer();

        Poll(String address) {
            this.address = address;
        }

        Future<Buffer> send() {
            long deadline = vertx.setTimer(
                    WHOLE_ANSWER.toMillis(),
                    late -> answer.tryFail("no complete answer within " + WHOLE_ANSWER.toSeconds() + " s"));
            answer.future().onComplete(over -> vertx.cancelTimer(deadline));
            http.request(new RequestOptions()
                            .setMethod(HttpMethod.GET)
                            .setHost(address)
                            .setPort(adminPort)
                            .setURI("/links"))
                    .onSuccess(this::sent)
                    .onFailure(answer::tryFail);
            return answer.future();
        }

        private void sent(HttpClientRequest request) {
            // However it ends, nothing more is read from this connection.
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
