package link.ambassador.webhook.serving;

import static link.ambassador.webhook.serving.WebhookFixture.isInjected;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import link.ambassador.config.Labels;
import link.ambassador.kubernetes.ApiServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * How long admission takes, printed: {@code -Dadmission.pods=500} for as many pods of each kind, dry runs one after the other.
 * The difference to pods that the API server does not ask about is what the webhook costs; most of the rest is the API
 * server's own.
 */
@ExtendWith(ApiServer.class)
@EnabledIfSystemProperty(named = "admission.pods", matches = "[0-9]+")
class AdmissionLatencyIT {
    private static final int PODS = Integer.getInteger("admission.pods", 0);
    private static final int WARMUP = 200;

    @Test
    void ofPodsInDryRun(KubernetesClient kubernetes) throws Exception {
        try (WebhookFixture scene = new WebhookFixture(kubernetes)) {
            WebhookFixture.Replica replica = scene.serving();
            scene.ambassador("redis", "web");
            Map<String, String> known = Map.of("app", "web");
            Map<String, String> listed = Map.of("app", "other");
            Map<String, String> unasked = Map.of(Labels.INJECT, "false");
            for (int i = 0; i < WARMUP; i++) {
                scene.dryRun(known);
                scene.dryRun(listed);
                scene.dryRun(unasked);
            }
            long[][] took = new long[3][PODS];
            for (int i = 0; i < PODS; i++) {
                took[0][i] = time(scene, unasked, false);
                took[1][i] = time(scene, known, true);
                took[2][i] = time(scene, listed, false);
            }
            print("not asked about", took[0]);
            print("selected, from the cache", took[1]);
            print("not selected, after a live list", took[2]);
            var answers = replica.meters.get("ambassador.injection.seconds").timer();
            System.out.printf(
                    "the webhook's own part, mean of %d: %.2f ms%n",
                    answers.count(), answers.mean(TimeUnit.MILLISECONDS));
        }
    }

    private static long time(WebhookFixture scene, Map<String, String> labels, boolean injected) {
        long begin = System.nanoTime();
        var pod = scene.dryRun(labels);
        long took = System.nanoTime() - begin;
        assertThat(isInjected(pod)).isEqualTo(injected);
        return took;
    }

    private static void print(String what, long[] nanos) {
        Arrays.sort(nanos);
        System.out.printf(
                "%-32s median %.1f ms, p90 %.1f ms, p99 %.1f ms, most %.1f ms of %d pods%n",
                what,
                millis(nanos[nanos.length / 2]),
                millis(nanos[nanos.length * 9 / 10]),
                millis(nanos[nanos.length * 99 / 100]),
                millis(nanos[nanos.length - 1]),
                nanos.length);
    }

    private static double millis(long nanos) {
        return nanos / 1e6;
    }
}
