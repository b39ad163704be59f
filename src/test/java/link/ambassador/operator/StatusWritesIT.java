package link.ambassador.operator;

import static link.ambassador.operator.GatewayNamespace.SOON;
import static link.ambassador.operator.GatewayNamespace.reason;
import static link.ambassador.operator.GatewayNamespace.redis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import link.ambassador.ConcurrentTest;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import org.junit.jupiter.api.extension.ExtendWith;

/** How often a status is written, and how soon. */
@ExtendWith(GatewayTestExtension.class)
@SuppressWarnings("try") // What runs while a block does.
class StatusWritesIT {
    @ConcurrentTest
    void theEndOfARetargetIsToldAtOnceAndTheWholeOfItByFewWrites(
            KubernetesClient kubernetes, GatewayNamespace namespace, FakeKubelet kubelet) {
        CountedStatusWrites writes = new CountedStatusWrites();
        try (InProcessOperator operator = operator(kubernetes, namespace, writes)) {
            namespace.applied(redis("redis", "redis-a"));
            IntStream.range(0, 4).forEach(number -> kubelet.run("redis"));
            namespace.awaitStatus("redis", status -> status.relays().converged() == 4);
            // What was saved up of the budget is no matter here.
            await().during(Duration.ofSeconds(4)).until(() -> true);
            int before = writes.count();

            AtomicReference<Instant> told = new AtomicReference<>();
            try (Watch watch = namespace.watch("redis", new FirstConverged(told, 2))) {
                namespace.apply(redis("redis", "redis-b"));
                await().atMost(SOON).until(() -> told.get() != null);
            }
            AmbassadorStatus status = namespace.status("redis");
            System.out.printf(
                    "it.status: told %d ms after the last acknowledgement, by %d writes%n",
                    Duration.between(Instant.parse(status.lastRetarget().convergedAt()), told.get())
                            .toMillis(),
                    writes.count() - before);
            assertThat(writes.count() - before).isLessThanOrEqualTo(3);
        }
    }

    @ConcurrentTest
    void aStormOfEditsIsNoMoreWritesThanOneASecond(
            KubernetesClient kubernetes, GatewayNamespace namespace, FakeKubelet kubelet) {
        CountedStatusWrites writes = new CountedStatusWrites();
        try (InProcessOperator operator = operator(kubernetes, namespace, writes)) {
            namespace.applied(redis("redis", "redis-0"));
            kubelet.run("redis");
            namespace.awaitStatus("redis", status -> status.relays().converged() == 1);
            int before = writes.count();
            long begun = System.nanoTime();
            AtomicInteger edits = new AtomicInteger();
            await().atMost(SOON.multipliedBy(2))
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> {
                        namespace.apply(redis("redis", "redis-" + edits.incrementAndGet()));
                        return System.nanoTime() - begun
                                > Duration.ofSeconds(15).toNanos();
                    });
            long seconds = Duration.ofNanos(System.nanoTime() - begun).toSeconds();
            System.out.printf(
                    "it.status: %d edits in %d s, %d writes%n", edits.get(), seconds, writes.count() - before);
            assertThat(writes.count() - before).isLessThanOrEqualTo((int) (2 + seconds + 1));
            namespace.awaitStatus(
                    "redis",
                    status -> status.summary().target().contains("redis-" + edits.get())
                            && reason(status, "Converged").equals("Acknowledged"));
        }
    }

    /** Of this namespace alone, because another test has its own. */
    private static InProcessOperator operator(
            KubernetesClient kubernetes, GatewayNamespace namespace, CountedStatusWrites writes) {
        return InProcessOperator.start(
                kubernetes.getConfiguration(), Map.of("AMBASSADOR_NAMESPACES", namespace.name()), writes);
    }

    private record FirstConverged(AtomicReference<Instant> told, long generation) implements Watcher<Ambassador> {
        @Override
        public void eventReceived(Action action, Ambassador ambassador) {
            AmbassadorStatus status = ambassador.getStatus();
            if (status != null
                    && status.observedGeneration() == generation
                    && reason(status, "Converged").equals("Acknowledged")) {
                told.compareAndSet(null, Instant.now());
            }
        }

        @Override
        public void onClose(WatcherException cause) {}
    }

    private static final class CountedStatusWrites implements Interceptor {
        private final AtomicInteger count = new AtomicInteger();

        int count() {
            return count.get();
        }

        @Override
        public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
            if (request.method().equals("PATCH") && request.uri().getPath().matches(".*/ambassadors/[^/]+/status")) {
                count.incrementAndGet();
            }
        }
    }
}
