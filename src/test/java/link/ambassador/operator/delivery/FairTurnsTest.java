package link.ambassador.operator.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import link.ambassador.ConcurrentTest;
import org.junit.jupiter.api.AfterEach;

final class FairTurnsTest {
    private final Vertx vertx = Vertx.vertx();
    private final List<String> begun = new CopyOnWriteArrayList<>();
    private final Queue<Promise<Void>> underWay = new ConcurrentLinkedQueue<>();

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @ConcurrentTest
    void aNamespaceWithMuchToDoKeepsAnotherWaitingForOnePiece() {
        FairTurns turns = new FairTurns(vertx, 1, 1);
        IntStream.range(0, 100).forEach(number -> run(turns, "evil"));
        await().until(() -> begun.equals(List.of("evil")));
        run(turns, "shop");
        underWay.remove().complete();
        await().until(() -> begun.size() == 2);
        underWay.remove().complete();
        await().until(() -> begun.size() == 3);
        assertThat(begun.subList(1, 3)).contains("shop");
    }

    @ConcurrentTest
    void noMoreBeginThanMayBeUnderWayAndAFailureGivesItsPlaceBack() {
        FairTurns turns = new FairTurns(vertx, 3, 2);
        IntStream.range(0, 5).forEach(number -> run(turns, "evil"));
        IntStream.range(0, 5).forEach(number -> run(turns, "shop"));
        await().until(() -> begun.size() == 3);
        assertThat(begun).contains("shop", "evil");
        for (int ended = 1; ended <= 10; ended++) {
            await().until(() -> !underWay.isEmpty());
            underWay.remove().fail("no");
        }
        await().until(() -> begun.size() == 10);
    }

    @ConcurrentTest
    void workThatThrowsIsAFailureAndNotAPlaceThatIsLost() {
        FairTurns turns = new FairTurns(vertx, 1, 1);
        assertThat(turns.<Void>run("evil", () -> {
                            throw new IllegalStateException("closed");
                        })
                        .toCompletionStage())
                .failsWithin(Duration.ofSeconds(30));
        run(turns, "shop");
        await().until(() -> begun.equals(List.of("shop")));
    }

    private void run(FairTurns turns, String namespace) {
        turns.run(namespace, () -> {
            begun.add(namespace);
            Promise<Void> end = Promise.promise();
            underWay.add(end);
            return end.future();
        });
    }
}
