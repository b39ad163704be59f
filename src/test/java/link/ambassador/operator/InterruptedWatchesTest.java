package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.WebSocketUpgradeResponse;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import link.ambassador.kubernetes.OwnVertx;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** That a watch is interrupted is one line, however often it is tried. LostAccessIT sees it in an operator's log. */
class InterruptedWatchesTest {
    private static final String PODS = "/api/v1/pods";
    private static final String SERVICES = "/api/v1/services";

    private final KubernetesClient client =
            OwnVertx.client().withConfig(Config.empty()).build();
    private final Warnings warnings = Warnings.listen();
    private long now;
    private final InterruptedWatches watches = new InterruptedWatches(() -> now);

    @AfterEach
    void close() {
        warnings.close();
        client.close();
    }

    @Test
    void oneLineTellsOfAWatchThatIsRejectedForSeconds() {
        for (int tries = 0; tries < 20; tries++) {
            watchAnswered(PODS, 403);
            watchAnswered(SERVICES, 404);
            now += TimeUnit.SECONDS.toNanos(2);
        }

        assertThat(warnings.all())
                .hasSize(2)
                .anyMatch(line -> line.contains("cannot watch " + PODS) && line.contains("lacks a right"))
                .anyMatch(line -> line.contains("cannot watch " + SERVICES) && line.contains("kubernetes/install/crd"));
    }

    @Test
    void aWatchThatGoesOnInSecondsIsNotTold() {
        watchAnswered(PODS, 403);
        now += TimeUnit.SECONDS.toNanos(4);
        watchAnswered(PODS, 101);
        now += TimeUnit.SECONDS.toNanos(4);
        watches.afterConnectionFailure(watch(PODS), new IOException("Connection refused"));

        assertThat(warnings.all()).isEmpty();
    }

    @Test
    void itIsToldAgainWhenItIsInterruptedAgain() {
        for (int outage = 0; outage < 2; outage++) {
            watches.afterConnectionFailure(watch(PODS), new IOException("Connection refused"));
            now += TimeUnit.SECONDS.toNanos(6);
            watches.afterConnectionFailure(watch(PODS), new IOException("Connection refused"));
            watchAnswered(PODS, 101);
        }

        assertThat(warnings.all()).hasSize(2).allMatch(line -> line.endsWith("Connection refused"));
    }

    @Test
    void historyThatIsGoneAndListsAreNoInterruption() {
        for (int tries = 0; tries < 5; tries++) {
            watchAnswered(PODS, 410);
            HttpRequest list = request(PODS + "?limit=1");
            watches.after(list, new WebSocketUpgradeResponse(list, 403, Map.of()), null);
            now += TimeUnit.SECONDS.toNanos(6);
        }

        assertThat(warnings.all()).isEmpty();
    }

    private void watchAnswered(String path, int status) {
        HttpRequest request = watch(path);
        watches.after(request, new WebSocketUpgradeResponse(request, status, Map.of()), null);
    }

    private HttpRequest watch(String path) {
        return request(path + "?resourceVersion=7&watch=true");
    }

    private HttpRequest request(String pathAndQuery) {
        return client.getHttpClient()
                .newHttpRequestBuilder()
                .uri("https://127.0.0.1:1" + pathAndQuery)
                .build();
    }
}
