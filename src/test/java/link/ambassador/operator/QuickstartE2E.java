package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import link.ambassador.kubernetes.Kubectl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** {@code kubernetes/quickstart} in a cluster that is named, and has the operator and the images. */
@Isolated("its pods do not require their relays, and the webhook of a busy machine misses some")
class QuickstartE2E {
    private static final String REDIS = "localhost/amb-redis:test";

    @Test
    void theAnswersMoveFromOneRedisToTheOther(@TempDir Path directory) throws Exception {
        try (KubernetesClient kubernetes = new KubernetesClientBuilder().build()) {
            Kubectl kubectl = new Kubectl(kubernetes, "ambassador-system", directory);
            // An earlier run by hand, on a cluster that was kept, may have left its objects.
            assertThat(run("clean").status()).isZero();
            Installation.onCluster(kubectl);

            Ended run = run("run", "--no-build", "--redis-image", REDIS);
            assertThat(run.output()).as("on no terminal there are no colours").doesNotContain("\u001b");
            assertThat(run.output())
                    .containsPattern("(redis-a ){10}\n")
                    .containsPattern("(redis-a )*(redis-b ){10}\n")
                    .containsPattern("first answer of redis-b: \\d+ ms")
                    .containsPattern("redis +6379 +redis-b:6379 +sidecar +1/1 +True");
            assertThat(run.status()).as(run.output()).isZero();

            Ended timeline = run("timeline");
            assertThat(timeline.output()).contains("<svg", "redis-a, from ", " Converged</text>");
            assertThat(timeline.status()).as(timeline.output()).isZero();

            assertThat(run("clean").status()).isZero();
            assertThat(kubectl.run(
                                    "",
                                    "get",
                                    "namespace",
                                    "ambassador-quickstart",
                                    "--ignore-not-found",
                                    "-o=jsonpath={.status.phase}")
                            .succeeded()
                            .output())
                    .isIn("", "Terminating");
            assertThat(kubectl.run("", "get", "deployment", "ambassador-operator")
                            .status())
                    .as("it was there before")
                    .isZero();
        }
    }

    @Test
    void aClusterThatIsNotThereIsToldInASentence() throws Exception {
        Ended run = run("run", "--no-build", "--context", "nowhere");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.output()).contains("run: failed: cluster answers").contains("nowhere");
    }

    private record Ended(int status, String output) {}

    private static Ended run(String script, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("kubernetes/quickstart/" + script));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), output);
    }
}
