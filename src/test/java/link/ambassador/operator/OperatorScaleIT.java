package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.kubernetes.AmbassadorCrds;
import link.ambassador.kubernetes.ApiServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * An operator with the flags of its image, and as many Ambassadors and pods as a large cluster has; for figures:
 * {@code ./mvnw verify -Dit.test=OperatorScaleIT -Dit.ambassadors=1000 -Dit.pods=10000}. They are spread over
 * {@code -Dit.namespaces=50}; {@code -Dit.memory=768m} is what the operator takes for its pod's limit.
 */
@ExtendWith(ApiServer.class)
@EnabledIfSystemProperty(named = "it.ambassadors", matches = "[1-9]\\d*")
class OperatorScaleIT {
    private static final Duration TO_SETTLE = Duration.ofMinutes(10);
    private static final Duration IDLE = Duration.ofMinutes(1);
    private static final double BAR_MIB = 1024;
    private static final String STAGED =
            "{rollout: {type: Staged, staged: {steps: [{relays: 1, pause: 2s}, {relays: 10%, pause: 2s}, {relays: 100%}]}}}";

    @Test
    void itFitsIntoAGibibyte(KubernetesClient kubernetes) throws Exception {
        int ambassadors = Integer.getInteger("it.ambassadors");
        LargeCluster cluster = new LargeCluster(
                kubernetes,
                ambassadors,
                Integer.getInteger("it.pods", 10 * ambassadors) / ambassadors,
                Math.min(ambassadors, Integer.getInteger("it.namespaces", 50)));
        Config account = new ConfigBuilder(kubernetes.getConfiguration())
                .withNamespace("default")
                .build();
        AmbassadorCrds.install(kubernetes);
        try (FakeRelays relays = new FakeRelays(kubernetes)) {
            cluster.createNamespacesAndPods();
            await().until(() -> relays.known() == cluster.pods());

            try (JavaOperator operator = JavaOperator.start(account, Map.of(), imageJava())
                    .allowing(" WARN .*(Stalled: |does not restrict this operator)")) {
                operator.started();
                long begun = System.nanoTime();
                cluster.applyAmbassadors("redis-a");
                awaitConverged(cluster);
                report(cluster, operator, "all Ambassadors created, each pod's table written", begun);

                begun = System.nanoTime();
                cluster.apply(0, "redis-b");
                await().atMost(TO_SETTLE)
                        .pollInterval(50, TimeUnit.MILLISECONDS)
                        .until(() -> converged(first(cluster)));
                System.out.printf(
                        "it.scale: one of them edited: converged after %d ms%n",
                        (System.nanoTime() - begun) / 1_000_000);

                begun = System.nanoTime();
                StagedFigures staged = StagedFigures.of(
                        kubernetes,
                        () -> cluster.apply(0, "redis-c", STAGED),
                        () -> first(cluster).getStatus().rollout(),
                        TO_SETTLE);
                report(
                        cluster,
                        operator,
                        "one of them retargeted in three stages with pauses of 2 s: " + staged,
                        begun);
            }
            long begun = System.nanoTime();
            try (JavaOperator operator = JavaOperator.start(account, Map.of(), imageJava())
                    .allowing(" WARN .*(Stalled: |does not restrict this operator)")) {
                operator.started();
                System.out.printf(
                        "it.scale: started anew: ready after %d ms%n", (System.nanoTime() - begun) / 1_000_000);
                await().atMost(TO_SETTLE)
                        .pollInterval(Duration.ofMillis(200))
                        .until(() -> answered(operator) >= cluster.pods());
                report(cluster, operator, "started anew, every relay asked", begun);
                assertThat(operator.ask("/metrics").body()).doesNotContain("ambassador_table_writes_total{");

                double before = OperatorFigures.of(operator).cpuSeconds();
                long idle = System.nanoTime();
                await().atMost(IDLE.multipliedBy(2)).until(() -> System.nanoTime() - idle > IDLE.toNanos());
                OperatorFigures after = OperatorFigures.of(operator);
                System.out.printf("it.scale: idle: %.1f s of CPU a minute; %s%n", after.cpuSeconds() - before, after);
                System.out.printf("it.scale: live heap: %.0f MiB%n", OperatorFigures.liveHeapMib(operator));
                assertThat(after.mostResidentMib()).isLessThanOrEqualTo(BAR_MIB);
            }
        }
    }

    private static Ambassador first(LargeCluster cluster) {
        return cluster.kubernetes()
                .resources(Ambassador.class)
                .inNamespace(cluster.namespace(0))
                .withName(LargeCluster.name(0))
                .get();
    }

    private static void report(LargeCluster cluster, JavaOperator operator, String what, long begun) throws Exception {
        long millis = (System.nanoTime() - begun) / 1_000_000;
        System.out.printf(
                "it.scale: %d Ambassadors, %d pods: %s: %d ms; %s%n",
                cluster.ambassadors(), cluster.pods(), what, millis, OperatorFigures.of(operator));
    }

    private static void awaitConverged(LargeCluster cluster) {
        // The API server of a small machine may be too busy to answer in time.
        await().atMost(TO_SETTLE)
                .pollInterval(Duration.ofSeconds(5))
                .ignoreExceptionsInstanceOf(KubernetesClientException.class)
                .until(() ->
                        cluster.kubernetes().resources(Ambassador.class).inAnyNamespace().list().getItems().stream()
                                        .filter(OperatorScaleIT::converged)
                                        .count()
                                == cluster.ambassadors());
    }

    private static boolean converged(Ambassador ambassador) {
        return Optional.ofNullable(ambassador.getStatus())
                .filter(status -> ambassador.getMetadata().getGeneration().equals(status.observedGeneration()))
                .map(AmbassadorStatus::conditions)
                .filter(conditions -> conditions.stream()
                        .anyMatch(condition -> condition.getType().equals("Converged")
                                && condition.getReason().equals("Acknowledged")))
                .isPresent();
    }

    private static long answered(JavaOperator operator) throws IOException, InterruptedException {
        return Math.round(OperatorFigures.metric(operator, "ambassador_relay_polls_total{outcome=\"answered\"}"));
    }

    /** A JDK 25 of this machine with the flags of the image; without one, the JDK of this test with those that it knows. */
    private static List<String> imageJava() throws IOException {
        List<String> command = new ArrayList<>();
        Optional<Path> home = Optional.ofNullable(System.getenv("BENCH_JAVA_HOME"))
                .map(Path::of)
                .or(() -> newestJdk25());
        if (home.isPresent()) {
            command.addAll(List.of(home.get().resolve("bin/java").toString(), "@src/main/image/operator.args"));
        } else {
            System.out.println("it.scale: no JDK 25 here, nor in BENCH_JAVA_HOME: with that of this test");
            command.addAll(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:+UseSerialGC",
                    "-XX:MaxRAMPercentage=45",
                    "-XX:-UsePerfData"));
        }
        command.add("-XX:MaxRAM=" + System.getProperty("it.memory", "768m"));
        return command;
    }

    private static Optional<Path> newestJdk25() {
        Path all = Path.of("/usr/lib/jvm");
        if (!Files.isDirectory(all)) {
            return Optional.empty();
        }
        try (Stream<Path> homes = Files.list(all)) {
            return homes.filter(home -> home.getFileName().toString().contains("25"))
                    .filter(home -> Files.isExecutable(home.resolve("bin/java")))
                    .max(Comparator.naturalOrder());
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }
}
