package link.ambassador.operator.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import link.ambassador.WaitingTest;
import link.ambassador.operator.delivery.Known.Standing;
import org.junit.jupiter.api.AfterEach;

/** Deliveries to relays that this test plays: what the kubelet and the network do to real ones, on request. */
final class DeliveriesTest {
    private static final ResourceID REDIS = new ResourceID("redis", "shop");

    private final Vertx vertx = Vertx.vertx();
    private final List<String> nudged = new CopyOnWriteArrayList<>();
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger changes = new AtomicInteger();
    private volatile Future<RelayAnswer> answer = serving("r1");
    private volatile Runnable onNudge = () -> {};
    private volatile Nudges.Outcome outcome = Nudges.Outcome.SENT;
    private volatile boolean lives = true;

    private final Deliveries deliveries = new Deliveries(
            vertx,
            (pod, revision, count) -> {
                nudged.add(pod.name() + " " + revision + " " + count);
                onNudge.run();
                return Future.succeededFuture(outcome);
            },
            pod -> {
                asked.incrementAndGet();
                return answer;
            },
            id -> changes.incrementAndGet(),
            id -> lives);

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @WaitingTest
    void aTableThatWasJustWrittenIsNudgedBeforeItIsAskedFor() {
        answer = serving("r1");
        onNudge = () -> answer = serving("r2");
        deliveries.want(REDIS, "r2", List.of(pod(true)), true);
        awaitStanding("r2", Standing.ACKNOWLEDGED);
        assertThat(nudged).containsExactly("a r2 0");
    }

    @WaitingTest
    void aRelayThatHasItAlreadyIsNotNudged() {
        deliveries.want(REDIS, "r1", List.of(pod(true)), false);
        awaitStanding("r1", Standing.ACKNOWLEDGED);
        assertThat(nudged).isEmpty();
        assertThat(changes).hasValue(1);
    }

    @WaitingTest
    void oneThatAcknowledgedIsAskedNoMore() {
        deliveries.want(REDIS, "r1", List.of(pod(true)), false);
        awaitStanding("r1", Standing.ACKNOWLEDGED);
        deliveries.want(REDIS, "r1", List.of(pod(true)), false);
        deliveries.want(REDIS, "r1", List.of(pod(true)), false);
        assertStaysAsked(1);
    }

    @WaitingTest
    void aNudgeThatBroughtNothingIsRepeatedUntilTheRelayAcknowledges() {
        onNudge = () -> answer = nudged.size() < 3 ? serving("r1") : serving("r2");
        deliveries.want(REDIS, "r2", List.of(pod(true)), true);
        awaitStanding("r2", Standing.ACKNOWLEDGED);
        assertThat(nudged).containsExactly("a r2 0", "a r2 1", "a r2 2");
    }

    @WaitingTest
    void aRelayThatIsBehindWithoutANudgeIsNudgedAtItsFirstWord() {
        onNudge = () -> answer = serving("r2");
        deliveries.want(REDIS, "r2", List.of(pod(true)), false);
        awaitStanding("r2", Standing.ACKNOWLEDGED);
        assertThat(nudged).containsExactly("a r2 0");
    }

    @WaitingTest
    void aTableThatWasPutBackIsNudgedByAnotherNudgeThanBefore() {
        deliveries.want(REDIS, "r1", List.of(pod(true)), true);
        awaitStanding("r1", Standing.ACKNOWLEDGED);
        deliveries.want(REDIS, "r1", List.of(pod(true)), true);
        await().until(() -> nudged.equals(List.of("a r1 0", "a r1 1")));
        awaitStanding("r1", Standing.ACKNOWLEDGED);
    }

    @WaitingTest
    void aRelayThatServesAnotherTableAfterItAcknowledgedIsNudged() {
        AtomicReference<Standing> standing = new AtomicReference<>();
        PodDelivery[] delivery = new PodDelivery[1];
        vertx.runOnContext(begin -> {
            delivery[0] = new PodDelivery(
                    vertx,
                    (pod, revision, count) -> {
                        nudged.add(revision + " " + count);
                        answer = serving("r1");
                        return Future.succeededFuture(Nudges.Outcome.SENT);
                    },
                    pod -> answer,
                    pod(true),
                    "r1",
                    0,
                    () -> standing.set(delivery[0].known().standing()));
            delivery[0].start(false);
            answer = serving("r0");
            delivery[0].sample();
        });
        await().until(() -> nudged.equals(List.of("r1 0")));
        await().until(() -> standing.get() == Standing.ACKNOWLEDGED);
    }

    @WaitingTest
    void aNewerRevisionTakesOver() {
        deliveries.want(REDIS, "r2", List.of(pod(true)), true);
        awaitStanding("r2", Standing.BEHIND);
        onNudge = () -> answer = serving("r3");
        deliveries.want(REDIS, "r3", List.of(pod(true)), true);
        assertThat(deliveries.known(REDIS, "r3")).doesNotContainValue(new Known(Standing.BEHIND, "", Optional.empty()));
        awaitStanding("r3", Standing.ACKNOWLEDGED);
        assertThat(deliveries.known(REDIS, "r2")).isEmpty();
    }

    @WaitingTest
    void aRelayThatStillStartsIsAskedButNotNudged() {
        answer = Future.failedFuture("does not answer");
        deliveries.want(REDIS, "r1", List.of(pod(false)), false);
        awaitStanding("r1", Standing.SILENT);
        await().until(() -> asked.get() > Pace.ASKS_PER_ROUND);
        assertThat(nudged).isEmpty();

        answer = serving("r1");
        deliveries.want(REDIS, "r1", List.of(pod(true)), false);
        awaitStanding("r1", Standing.ACKNOWLEDGED);
    }

    @WaitingTest
    void oneThatIsSilentIsNotNudgedUnlessATableWasWritten() {
        answer = Future.failedFuture("does not answer");
        deliveries.want(REDIS, "r1", List.of(pod(true)), false);
        await().until(() -> asked.get() > Pace.ASKS_PER_ROUND);
        assertThat(nudged).isEmpty();

        deliveries.want(REDIS, "r2", List.of(pod(true)), true);
        await().until(() -> nudged.equals(List.of("a r2 0", "a r2 1")));
    }

    @WaitingTest
    void aRelayThatRefusesTheTableIsNotNudgedAgain() {
        answer = Future.succeededFuture(new RelayAnswer(
                "",
                Optional.of("r1"),
                Optional.of(new RelayAnswer.Rejected(Optional.of("r2"), "links[0].listen: found 0")),
                List.of()));
        deliveries.want(REDIS, "r2", List.of(pod(true)), true);
        awaitStanding("r2", Standing.IN_ERROR);
        await().until(() -> asked.get() > Pace.ASKS_PER_ROUND);
        assertThat(nudged).containsExactly("a r2 0");
    }

    @WaitingTest
    void aPodThatIsGoneIsLeftAlone() {
        outcome = Nudges.Outcome.GONE;
        deliveries.want(REDIS, "r2", List.of(pod(true)), true);
        await().until(() -> !nudged.isEmpty());
        assertStaysAsked(0);
    }

    @WaitingTest
    void podsThatLeftTheListAreForgotten() {
        deliveries.want(REDIS, "r1", List.of(pod(true)), false);
        awaitStanding("r1", Standing.ACKNOWLEDGED);
        deliveries.want(REDIS, "r1", List.of(), false);
        await().until(() -> deliveries.known(REDIS, "r1").isEmpty());
    }

    @WaitingTest
    void roundsTakeTwiceAsLongUpToThirtySeconds() {
        assertThat(Pace.before(0, 0)).isEqualTo(Duration.ofMillis(50));
        assertThat(Pace.before(0, 4)).isEqualTo(Duration.ofMillis(800));
        assertThat(Pace.before(2, 1)).isEqualTo(Duration.ofMillis(400));
        assertThat(Pace.before(1_000_000, 4)).isEqualTo(Duration.ofSeconds(30));
    }

    private void assertStaysAsked(int times) {
        await().during(Duration.ofMillis(300)).atMost(Duration.ofSeconds(5)).until(() -> asked.get() == times);
    }

    private void awaitStanding(String revision, Standing standing) {
        await().until(() -> Optional.ofNullable(
                        deliveries.known(REDIS, revision).get("uid-a"))
                .map(Known::standing)
                .filter(standing::equals)
                .isPresent());
    }

    private static Future<RelayAnswer> serving(String revision) {
        return Future.succeededFuture(new RelayAnswer("", Optional.of(revision), Optional.empty(), List.of()));
    }

    private static RelayPod pod(boolean ready) {
        return new RelayPod("shop", "a", "uid-a", Optional.of("10.0.0.1"), true, false, ready);
    }
}
