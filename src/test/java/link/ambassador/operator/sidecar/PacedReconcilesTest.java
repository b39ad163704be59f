package link.ambassador.operator.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PacedReconcilesTest {
    private final Vertx vertx = Vertx.vertx();
    private final Context context = vertx.getOrCreateContext();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private PacedReconciles reconciles;

    @BeforeEach
    void begin() {
        reconciles = new PacedReconciles(vertx, context, (namespace, name) -> asked.add(namespace + "/" + name));
    }

    @AfterEach
    void end() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void oneIsAskedForAtOnce() {
        onContext(() -> {
            reconciles.add("shop", "redis");
            assertThat(asked).containsExactly("shop/redis");
        });
    }

    @Test
    void aStormIsPacedAndForgetsNobody() {
        int count = 3 * PacedReconciles.AT_ONCE;
        onContext(() -> {
            IntStream.range(0, count).forEach(number -> reconciles.add("shop", "x" + number));
            assertThat(asked).hasSize(PacedReconciles.AT_ONCE);
        });
        await().untilAsserted(() -> assertThat(asked).hasSize(count).doesNotHaveDuplicates());
    }

    @Test
    void oneThatWaitsIsNotAskedForTwice() {
        onContext(() -> {
            IntStream.range(0, PacedReconciles.AT_ONCE).forEach(number -> reconciles.add("shop", "x" + number));
            IntStream.range(0, 1000).forEach(time -> reconciles.add("shop", "waits"));
            reconciles.add("shop", "last");
        });
        await().until(() -> asked.contains("shop/last"));
        assertThat(asked).containsOnlyOnce("shop/waits");
    }

    @Test
    void anotherNamespaceDoesNotWait() {
        onContext(() -> {
            IntStream.range(0, 2 * PacedReconciles.AT_ONCE).forEach(number -> reconciles.add("evil", "x" + number));
            reconciles.add("shop", "redis");
            assertThat(asked).endsWith("shop/redis");
        });
    }

    @Test
    void afterItsEndNobodyIsAskedFor() {
        onContext(() -> {
            IntStream.range(0, 2 * PacedReconciles.AT_ONCE).forEach(number -> reconciles.add("shop", "x" + number));
            reconciles.close();
            reconciles.add("other", "redis");
        });
        await().pollDelay(PacedReconciles.TICK.multipliedBy(3))
                .untilAsserted(() -> assertThat(asked).hasSize(PacedReconciles.AT_ONCE));
    }

    private void onContext(Runnable task) {
        CompletableFuture.runAsync(task, work -> context.runOnContext(now -> work.run()))
                .join();
    }
}
