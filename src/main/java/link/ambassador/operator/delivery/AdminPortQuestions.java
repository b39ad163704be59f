package link.ambassador.operator.delivery;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;

/**
 * Asks on the pod's address, which needs no Service and no right at the API server; a NetworkPolicy may forbid it. Each
 * question has a connection of its own: a relay has few, and keeps them for seconds only.
 */
public final class AdminPortQuestions implements Questions {
    private static final Duration CONNECT = Duration.ofSeconds(1);
    private static final Duration ANSWER = Duration.ofSeconds(2);

    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient http;
    private final int adminPort;

    public AdminPortQuestions(Vertx vertx, int adminPort) {
        this.adminPort = adminPort;
        this.http = vertx.createHttpClient(
                new HttpClientOptions().setKeepAlive(false).setConnectTimeout(Math.toIntExact(CONNECT.toMillis())));
    }

    @Override
    public Future<RelayAnswer> ask(RelayPod pod) {
        if (pod.ip().isEmpty()) {
            return Future.failedFuture("has no address yet");
        }
        RequestOptions request = new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setHost(pod.ip().get())
                .setPort(adminPort)
                .setURI("/links")
                .setTimeout(ANSWER.toMillis());
        return http.request(request)
                .compose(sent -> sent.send())
                .compose(HttpClientResponse::body)
                .map(body -> parse(body.getBytes()))
                .recover(failure -> Future.failedFuture("does not answer on port " + adminPort + ": " + why(failure)));
    }

    private RelayAnswer parse(byte[] body) {
        try {
            return RelayAnswer.parse(json.readTree(body));
        } catch (java.io.IOException e) {
            throw new IllegalArgumentException("what it says is no JSON", e);
        }
    }

    private static String why(Throwable failure) {
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    }
}
