package link.ambassador.operator;

import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Gives an overloaded API server the time that it asks for. The client retries by itself, but too early: it parses {@code Retry-After}
 * and then waits for its own interval all the same (fabric8 7.4, {@code AsyncUtils.retryWithExponentialBackoff}). So this interceptor
 * delays the answer by that time.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3">RFC 9110, Retry-After</a>
 */
final class RetryAfter implements Interceptor {
    private static final String HEADER = "Retry-After";

    /** API servers send seconds, never a date. */
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,9}");

    /** The client gives up on a request after 10 s; then its caller waits. */
    private static final Duration LONGEST = Duration.ofSeconds(8);

    private RetryAfter() {}

    static void on(HttpClient.Builder http) {
        http.addOrReplaceInterceptor("retry-after", new RetryAfter());
    }

    /** Completes with false, for no retry of this interceptor's own: the client retries when the time is over. */
    @Override
    public CompletableFuture<Boolean> afterFailure(BasicBuilder request, HttpResponse<?> response, RequestTags tags) {
        Duration wait = wait(response.header(HEADER));
        return wait.isZero()
                ? CompletableFuture.completedFuture(false)
                : new CompletableFuture<Boolean>().completeOnTimeout(false, wait.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static Duration wait(String header) {
        if (header == null || !SECONDS.matcher(header).matches()) {
            return Duration.ZERO;
        }
        Duration requested = Duration.ofSeconds(Long.parseLong(header));
        return requested.compareTo(LONGEST) < 0 ? requested : LONGEST;
    }
}
