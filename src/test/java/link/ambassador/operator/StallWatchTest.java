package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import link.ambassador.ConcurrentTest;
import org.junit.jupiter.api.AfterEach;

final class StallWatchTest {
    private static final StallWatch.Limits SHORT =
            new StallWatch.Limits(Duration.ofMillis(20), Duration.ofMillis(200), Duration.ofMillis(500));

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final StallWatch watch = new StallWatch(SHORT, System::nanoTime, meters);
    private final ExecutorService place = Executors.newFixedThreadPool(2);
    private final CountDownLatch end = new CountDownLatch(1);

    @AfterEach
    void close() {
        end.countDown();
        place.shutdownNow();
    }

    @ConcurrentTest
    void aPlaceWhoseThreadsAllWaitIsDeadUntilOneGoesOn() {
        watched();
        for (int thread = 0; thread < 2; thread++) {
            place.execute(this::waitForTheEnd);
        }
        await().until(() -> watch.dead().equals(List.of("place")));
        assertThat(stalledSeconds()).isGreaterThan(0.4);
        end.countDown();
        await().until(() -> watch.dead().isEmpty() && stalledSeconds() < 0.2);
    }

    @ConcurrentTest
    void aPlaceThatWorksWithoutEndStandsStillToo() {
        watched();
        AtomicBoolean over = new AtomicBoolean();
        for (int thread = 0; thread < 2; thread++) {
            place.execute(() -> {
                while (!over.get()) {
                    Thread.onSpinWait();
                }
            });
        }
        await().until(() -> !watch.dead().isEmpty());
        over.set(true);
    }

    @ConcurrentTest
    void aPlaceThatWorksOffWhatComesIsAlive() {
        watched();
        AtomicBoolean over = new AtomicBoolean();
        place.execute(() -> again(over));
        await().during(Duration.ofSeconds(1)).until(() -> watch.dead().isEmpty());
        over.set(true);
    }

    private void again(AtomicBoolean over) {
        if (!over.get()) {
            place.execute(() -> again(over));
        }
    }

    private void watched() {
        watch.watch("place", place);
        watch.start();
        await().until(() -> stalledSeconds() < 0.2);
    }

    private double stalledSeconds() {
        return meters.get("ambassador.operator.stalled.seconds").gauge().value();
    }

    private void waitForTheEnd() {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
