package link.ambassador.operator.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import link.ambassador.ConcurrentTest;
import link.ambassador.operator.delivery.PodAnnotations.Outcome;
import link.ambassador.operator.delivery.RelaySync.SyncState;
import org.junit.jupiter.api.AfterEach;

/** Deliveries to relays that this test plays: what the kubelet and the network do to real ones, on request. */
final class DeliveriesTest {
    private static final ResourceID REDIS = new ResourceID("redis", "shop");

    private final Vertx vertx = Vertx.vertx();
    private final List<String> refreshed = new CopyOnWriteArrayList<>();
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger changes = new AtomicInteger();
    private volatile Future<RelayStatus> answer = serving("r1");
    private volatile Runnable onRefresh = () -> {};
    private volatile Outcome outcome = Outcome.SENT;
    private volatile boolean lives = true;

    private final Deliveries deliveries = new Deliveries(
            vertx,
            (pod, revision, count) -> {
                refreshed.add(pod.name() + " " + revision + " " + count);
                onRefresh.run();
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

    @ConcurrentTest
    void aTableThatWasJustWrittenIsRefreshedBeforeThePoll() {
        answer = serving("r1");
        onRefresh = () -> answer = serving("r2");
        deliveries.want(REDIS, "r2", List.of(pod(true)), true);
        awaitState("r2", SyncState.ACKNOWLEDGED);
        assertThat(refreshed).containsExactly("a r2 0");
    }

    @ConcurrentTest
    void aRelayThatHasItAlreadyIsNotRefreshed() {
        deliveries.want(REDIS, "r1", List.of(pod(true)), false);
        awaitState("r1", SyncState.ACKNOWLEDGED);
        assertThat(refreshed).isEmpty();
        assertThat(changes).hasValue(1);
    }

    @ConcurrentTest
    void aRelayThatAcknowledgedIsPolledNoMore() {
        deliveries.want(REDIS, "r1", List.of(pod(true)), false);
        awaitState("r1", SyncState.ACKNOWLEDGED);
        deliveries.want(REDIS, "r1", List.of(pod(true)), false);
        deliveries.want(REDIS, "r1", List.of(pod(true)), false);
        assertStaysAsked(1);
    }

    @ConcurrentTest
    void aRefreshIsRepeatedUntilTheRelayAcknowledges() {
        onRefresh = () -> answer = refreshed.size() < 3 ? serving("r1") : serving("r2");
        deliveries.want(REDIS, "r2", List.of(pod(true)), true);
        awaitState("r2", SyncState.ACKNOWLEDGED);
        assertThat(refreshed).containsExactly("a r2 0", "a r2 1", "a r2 2");
    }

    @ConcurrentTest
    void aStaleRelayIsRefreshedAtItsFirstAnswer() {
        onRefresh = () -> answer = serving("r2");
        deliveries.want(REDIS, "r2", List.of(pod(true)), false);
        awaitState("r2", SyncState.ACKNOWLEDGED);
        assertThat(refreshed).containsExactly("a r2 0");
    }

    @ConcurrentTest
    void aTableThatWasPutBackIsRefreshedByAnotherCount() {
        deliveries.want(REDIS, "r1", List.of(pod(true)), true);
        awaitState("r1", SyncState.ACKNOWLEDGED);
        deliveries.want(REDIS, "r1", List.of(pod(true)), true);
        await().until(() -> refreshed.equals(List.of("a r1 0", "a r1 1")));
        awaitState("r1", SyncState.ACKNOWLEDGED);
    }

    @ConcurrentTest
    void aRelayThatServesAnotherTableLaterIsRefreshed() {
        AtomicReference<SyncState> state = new AtomicReference<>();
        vertx.runOnContext(begin -> {
            PodDelivery delivery = new PodDelivery(
                    vertx,
                    (pod, revision, count) -> {
                        refreshed.add(revision + " " + count);
                        answer = serving("r1");
                        return Future.succeededFuture(Outcome.SENT);
                    },
                    pod -> answer,
                    pod(true),
                    "r1",
                    0,
                    new HoldPolls(),
                    new HealthPolls(),
                    changed -> state.set(changed.sync().state()));
            delivery.start(false);
            answer = serving("r0");
            delivery.sample();
        });
        await().until(() -> refreshed.equals(List.of("r1 0")));
        await().until(() -> state.get() == SyncState.ACKNOWLEDGED);
    }

    @ConcurrentTest
    void aNewerRevisionTakesOver() {
        deliveries.want(REDIS, "r2", List.of(pod(true)), true);
        awaitState("r2", SyncState.STALE);
        onRefresh = () -> answer = serving("r3");
        deliveries.want(REDIS, "r3", List.of(pod(true)), true);
        assertThat(deliveries.syncs(REDIS, "r3"))
                .doesNotContainValue(new RelaySync(SyncState.STALE, "", Optional.empty()));
        awaitState("r3", SyncState.ACKNOWLEDGED);
        assertThat(deliveries.syncs(REDIS, "r2")).isEmpty();
    }

    @ConcurrentTest
    void aRelayThatStillStartsIsPolledButNotRefreshed() {
        answer = Future.failedFuture("does not answer");
        deliveries.want(REDIS, "r1", List.of(pod(false)), false);
        awaitState("r1", SyncState.UNREACHABLE);
        await().until(() -> asked.get() > PollSchedule.POLLS_PER_ROUND);
        assertThat(refreshed).isEmpty();

        answer = serving("r1");
        deliveries.want(REDIS, "r1", List.of(pod(true)), false);
        awaitState("r1", SyncState.ACKNOWLEDGED);
    }

    @ConcurrentTest
    void anUnreachableRelayIsRefreshedOnlyAfterAWrite() {
        answer = Future.failedFuture("does not answer");
        deliveries.want(REDIS, "r1", List.of(pod(true)), false);
        await().until(() -> asked.get() > PollSchedule.POLLS_PER_ROUND);
        assertThat(refreshed).isEmpty();

        deliveries.want(REDIS, "r2", List.of(pod(true)), true);
        await().until(() -> refreshed.equals(List.of("a r2 0", "a r2 1")));
    }

    @ConcurrentTest
    void aRelayThatRejectsTheTableIsNotRefreshedAgain() {
        answer = Future.succeededFuture(new RelayStatus(
                "",
                Optional.of("r1"),
                Optional.of(new RelayStatus.Rejected(Optional.of("r2"), "links[0].listen: found 0")),
                List.of()));
        deliveries.want(REDIS, "r2", List.of(pod(true)), true);
        awaitState("r2", SyncState.ERROR);
        await().until(() -> asked.get() > PollSchedule.POLLS_PER_ROUND);
        assertThat(refreshed).containsExactly("a r2 0");
    }

    @ConcurrentTest
    void aPodThatIsGoneIsLeftAlone() {
        outcome = Outcome.GONE;
        deliveries.want(REDIS, "r2", List.of(pod(true)), true);
        await().until(() -> !refreshed.isEmpty());
        assertStaysAsked(0);
    }

    @ConcurrentTest
    void podsThatLeftTheListAreForgotten() {
        deliveries.want(REDIS, "r1", List.of(pod(true)), false);
        awaitState("r1", SyncState.ACKNOWLEDGED);
        deliveries.want(REDIS, "r1", List.of(), false);
        await().until(() -> deliveries.syncs(REDIS, "r1").isEmpty());
    }

    @ConcurrentTest
    void roundsTakeTwiceAsLongUpToThirtySeconds() {
        assertThat(PollSchedule.before(0, 0)).isEqualTo(Duration.ofMillis(50));
        assertThat(PollSchedule.before(0, 4)).isEqualTo(Duration.ofMillis(800));
        assertThat(PollSchedule.before(2, 1)).isEqualTo(Duration.ofMillis(400));
        assertThat(PollSchedule.before(1_000_000, 4)).isEqualTo(Duration.ofSeconds(30));
    }

    @ConcurrentTest
    void aRelayThatHoldsIsPolledUntilItHoldsNoMore() {
        answer = holding("holding", 3);
        deliveries.want(REDIS, "r1", List.of(pod(true)), false);
        awaitState("r1", SyncState.ACKNOWLEDGED);
        await().until(() -> asked.get() > 3);

        answer = Future.failedFuture("does not answer");
        int failing = asked.get();
        await().until(() -> asked.get() > failing + 2);
        assertThat(deliveries.syncs(REDIS, "r1").get("uid-a").state())
                .as("a poll that fails tells nothing")
                .isEqualTo(SyncState.ACKNOWLEDGED);

        answer = holding("removed", 3);
        int waiting = asked.get();
        await().until(() -> asked.get() > waiting + 2);
        answer = holding("removed", 0);
        await().until(() ->
                deliveries.syncs(REDIS, "r1").get("uid-a").answer().stream().noneMatch(RelayStatus::isHolding));
        assertStaysAsked(asked.get());
        assertThat(refreshed).isEmpty();
    }

    @ConcurrentTest
    void relaysThatHoldAreASharedHundredPollsASecondInEachNamespace() {
        HoldPolls polls = new HoldPolls();
        IntStream.range(0, 1_000).forEach(relay -> polls.begin("shop"));
        polls.begin("other");

        assertThat(polls.before("shop", 0)).contains(Duration.ofSeconds(10));
        assertThat(polls.before("other", 0)).contains(Duration.ofMillis(250));
        assertThat(polls.before("other", 8)).contains(Duration.ofSeconds(1));

        IntStream.range(0, 1_000).forEach(relay -> polls.end("shop"));
        assertThat(polls.before("shop", 699)).contains(Duration.ofSeconds(1));
        assertThat(polls.before("shop", 700)).as("no relay holds for so long").isEmpty();
    }

    @ConcurrentTest
    void aRelayThatDialsACandidateIsPolledUntilItReachesIt() {
        answer = dialling("dialling");
        deliveries.want(REDIS, "r1", List.of(pod(true)), false);
        awaitState("r1", SyncState.ACKNOWLEDGED);
        await().until(() -> asked.get() > 3);

        answer = dialling("reachable");
        await().until(() ->
                deliveries.syncs(REDIS, "r1").get("uid-a").answer().stream().noneMatch(RelayStatus::dialsCandidate));
        assertStaysAsked(asked.get());
        assertThat(refreshed).isEmpty();
    }

    private static Future<RelayStatus> dialling(String state) {
        RelayStatus.PreflightAnswer preflight = new RelayStatus.PreflightAnswer("redis-b:6379", true, state, "");
        return Future.succeededFuture(new RelayStatus(
                "",
                Optional.of("r1"),
                Optional.empty(),
                List.of(new RelayStatus.LinkAnswer(
                        "redis", 6379, true, "", List.of(), Optional.empty(), Optional.of(preflight)))));
    }

    @ConcurrentTest
    void aRelayThatChecksIsPolledAgainAndAgain() {
        answer = Future.succeededFuture(new RelayStatus(
                "",
                Optional.of("r1"),
                Optional.empty(),
                List.of(new RelayStatus.LinkAnswer(
                        "redis",
                        6379,
                        true,
                        "",
                        List.of(new RelayStatus.TargetAnswer(
                                "redis-a:6379",
                                Optional.empty(),
                                "",
                                Optional.empty(),
                                Optional.of(new RelayStatus.HealthAnswer("healthy", true, "")),
                                "")),
                        Optional.empty(),
                        Optional.empty()))));
        deliveries.want(REDIS, "r1", List.of(pod(true)), false);
        awaitState("r1", SyncState.ACKNOWLEDGED);

        answer = Future.failedFuture("does not answer");
        int asking = asked.get();
        await().atMost(Duration.ofMinutes(1)).until(() -> asked.get() > asking);
        answer = serving("r1");
        await().atMost(Duration.ofMinutes(1)).until(() -> !deliveries
                .syncs(REDIS, "r1")
                .get("uid-a")
                .answer()
                .orElseThrow()
                .isChecking());
        assertThat(refreshed).isEmpty();
    }

    @ConcurrentTest
    void relaysThatCheckAreASharedTwentyPollsASecondInEachNamespace() {
        HealthPolls polls = new HealthPolls();
        IntStream.range(0, 1_000).forEach(relay -> polls.begin("shop"));
        polls.begin("other");

        assertThat(polls.before("shop")).isEqualTo(Duration.ofSeconds(50));
        assertThat(polls.before("other")).isEqualTo(Duration.ofSeconds(5));

        IntStream.range(0, 1_000).forEach(relay -> polls.end("shop"));
        assertThat(polls.before("shop")).isEqualTo(Duration.ofSeconds(5));
    }

    private static Future<RelayStatus> holding(String state, int held) {
        RelayStatus.HoldAnswer hold =
                new RelayStatus.HoldAnswer(Instant.EPOCH, state, held, 0, held, Duration.ofSeconds(1));
        return Future.succeededFuture(new RelayStatus(
                "",
                Optional.of("r1"),
                Optional.empty(),
                List.of(new RelayStatus.LinkAnswer("redis", 6379, true, "", List.of(), Optional.of(hold)))));
    }

    private void assertStaysAsked(int times) {
        await().during(Duration.ofMillis(300)).atMost(Duration.ofSeconds(5)).until(() -> asked.get() == times);
    }

    private void awaitState(String revision, SyncState state) {
        await().until(() -> Optional.ofNullable(
                        deliveries.syncs(REDIS, revision).get("uid-a"))
                .map(RelaySync::state)
                .filter(state::equals)
                .isPresent());
    }

    private static Future<RelayStatus> serving(String revision) {
        return Future.succeededFuture(new RelayStatus("", Optional.of(revision), Optional.empty(), List.of()));
    }

    private static RelayPod pod(boolean ready) {
        return new RelayPod("shop", "a", "uid-a", Optional.of("10.0.0.1"), true, false, ready);
    }
}
