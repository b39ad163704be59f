package link.ambassador.operator;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import link.ambassador.config.Printable;
import org.jboss.logging.Logger;

/**
 * Logs that a watch cannot be begun again, because a right, the CRD or the API server went away while the operator runs: one line
 * once that has lasted, and one when it is over. The client tries again for as long as it takes, and logs nothing of it for minutes, then
 * a stack trace for each try (fabric8 7.4, {@code AbstractWatchManager.logEndError}); application.properties turns those off.
 */
final class InterruptedWatches implements Interceptor {
    private static final Logger LOG = Logger.getLogger(InterruptedWatches.class);
    private static final Duration LASTING = Duration.ofSeconds(5);
    private static final int SWITCHING_PROTOCOLS = 101;

    private final LongSupplier nanoTime;
    private final Map<String, Interruption> interruptions = new ConcurrentHashMap<>();

    /**
     * Of one watch.
     *
     * @param since in nanoseconds of the clock
     */
    private record Interruption(long since, boolean logged) {}

    InterruptedWatches(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    static void on(HttpClient.Builder http) {
        http.addOrReplaceInterceptor("interrupted-watches", new InterruptedWatches(System::nanoTime));
    }

    @Override
    public void after(HttpRequest request, HttpResponse<?> response, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
        int code = response.code();
        if (code == SWITCHING_PROTOCOLS || response.isSuccessful()) {
            began(request.uri());
        } else if (code != HttpURLConnection.HTTP_GONE) {
            failed(request.uri(), reason(code));
        }
    }

    @Override
    public void afterConnectionFailure(HttpRequest request, Throwable failure) {
        failed(request.uri(), Printable.sentence(failure));
    }

    private static String reason(int code) {
        return switch (code) {
            case HttpURLConnection.HTTP_NOT_FOUND ->
                "the API server does not know this resource: kubectl apply -k kubernetes/install/crd";
            case HttpURLConnection.HTTP_UNAUTHORIZED, HttpURLConnection.HTTP_FORBIDDEN ->
                "this operator's account lacks a right that kubernetes/install grants";
            default -> "the API server answers with status " + code;
        };
    }

    private void failed(URI uri, String reason) {
        if (!isWatch(uri)) {
            return;
        }
        long now = nanoTime.getAsLong();
        interruptions.compute(uri.getPath(), (path, before) -> {
            Interruption interruption = before == null ? new Interruption(now, false) : before;
            if (interruption.logged() || now - interruption.since() < LASTING.toNanos()) {
                return interruption;
            }
            LOG.warnf("cannot watch %s, and sees no change there until it can again, retrying: %s", path, reason);
            return new Interruption(interruption.since(), true);
        });
    }

    private void began(URI uri) {
        if (isWatch(uri)) {
            Interruption over = interruptions.remove(uri.getPath());
            if (over != null && over.logged()) {
                LOG.infof("watching %s again", uri.getPath());
            }
        }
    }

    private static boolean isWatch(URI uri) {
        return uri.getQuery() != null && uri.getQuery().contains("watch=true");
    }
}
