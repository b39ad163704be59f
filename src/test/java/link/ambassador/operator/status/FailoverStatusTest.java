package link.ambassador.operator.status;

import static link.ambassador.api.v1alpha1.ConditionType.TARGET_REACHABLE;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.api.v1alpha1.TargetStatus;
import link.ambassador.config.ExistingConnections;
import link.ambassador.config.Failover;
import link.ambassador.config.HealthCheck;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.operator.delivery.RelayStatus.HealthAnswer;
import link.ambassador.operator.delivery.RelayStatus.TargetAnswer;
import link.ambassador.operator.delivery.RelaySync;
import org.junit.jupiter.api.Test;

/** Condition, counts and Events of a link with a health check. */
class FailoverStatusTest {
    private static final String REFUSED = "redis-a:6379: connection refused";

    private final FailoverEvents events = new FailoverEvents();
    private final StatusFixture scene = new StatusFixture().retarget(checked(Optional.empty()));

    private static LinkTable checked(Optional<Failover> failover) {
        LinkTable plain = StatusFixture.table("r1", "redis-a", "redis-b");
        Link link = plain.links().get(0).toBuilder()
                .healthCheck(Optional.of(HealthCheck.of(new HealthCheck.Tcp())))
                .failover(failover)
                .build();
        return new LinkTable(plain.revision(), plain.sources(), List.of(link));
    }

    private static TargetAnswer target(String host, String state, boolean inUse, String error) {
        return new TargetAnswer(
                host + ":6379",
                Optional.of("ok"),
                "",
                Optional.empty(),
                Optional.of(new HealthAnswer(state, inUse, error)),
                "");
    }

    private FailoverStatusTest relay(String name, TargetAnswer... targets) {
        scene.relay(StatusFixture.pod(name), RelaySync.of(StatusFixture.answer("r1", targets), "r1"));
        return this;
    }

    private FailoverStatusTest onTheFirst(String name) {
        return relay(name, target("redis-a", "healthy", true, ""), target("redis-b", "healthy", false, ""));
    }

    private FailoverStatusTest onTheSecond(String name) {
        return relay(name, target("redis-a", "unhealthy", false, REFUSED), target("redis-b", "healthy", true, ""));
    }

    private FailoverStatusTest onNone(String name) {
        return relay(name, target("redis-a", "unhealthy", false, REFUSED), target("redis-b", "unhealthy", false, "no"));
    }

    @Test
    void itIsConnectedWhileEveryRelayUsesTheFirstTarget() {
        onTheFirst("a").onTheFirst("b").scene.reconcile();

        assertThat(scene.condition(TARGET_REACHABLE)).isEqualTo("True Connected");
        assertThat(scene.status.targets())
                .containsExactly(
                        new TargetStatus(6379, "redis-a:6379", 2, 2), new TargetStatus(6379, "redis-b:6379", 0, 2));
    }

    @Test
    void relaysThatUseALaterTargetAreCountedAndTheReasonIsQuoted() {
        onTheFirst("a").onTheSecond("b").onTheSecond("c").scene.reconcile();

        assertThat(scene.condition(TARGET_REACHABLE)).isEqualTo("True FailedOver");
        assertThat(scene.message(TARGET_REACHABLE))
                .isEqualTo("Port 6379: 2 of 3 relays use redis-b:6379, the second. From b: " + REFUSED + ".");
        assertThat(scene.status.targets())
                .containsExactly(
                        new TargetStatus(6379, "redis-a:6379", 1, 1), new TargetStatus(6379, "redis-b:6379", 2, 3));
    }

    @Test
    void aRelayWithoutAnyHealthyTargetMatters() {
        onTheSecond("a").onNone("b").scene.reconcile();

        assertThat(scene.condition(TARGET_REACHABLE)).isEqualTo("False NoHealthyTarget");
        assertThat(scene.message(TARGET_REACHABLE))
                .isEqualTo("Port 6379: no target is healthy. From b: " + REFUSED + ".");
    }

    @Test
    void aRelayThatDoesNotCheckIsNotCounted() {
        relay(
                        "old",
                        new TargetAnswer("redis-a:6379", Optional.of("ok"), ""),
                        new TargetAnswer("redis-b:6379", Optional.empty(), ""))
                .onTheSecond("b")
                .scene
                .reconcile();

        assertThat(scene.message(TARGET_REACHABLE)).startsWith("Port 6379: 1 of 1 relay uses redis-b:6379");
    }

    @Test
    void aRelayThatAnswersAboutOtherTargetsIsNotCounted() {
        relay("other", target("redis-x", "unhealthy", false, "no"), target("redis-b", "unhealthy", false, "no"))
                .onTheFirst("b")
                .scene
                .reconcile();

        assertThat(scene.condition(TARGET_REACHABLE)).isEqualTo("True Connected");
        assertThat(scene.status.targets()).extracting(TargetStatus::healthy).containsExactly(1, 1);
    }

    @Test
    void aWeightedLinkUsesEveryHealthyTargetWithAWeightAndFailsOverToNone() {
        scene.retarget(checked(Optional.of(new Failover(
                Failover.Selection.WEIGHTED,
                List.of(1, 0),
                Failover.Failback.IMMEDIATE,
                ExistingConnections.KEEP,
                Failover.WhenNoneHealthy.TRY_ALL))));
        relay("a", target("redis-a", "healthy", false, ""), target("redis-b", "healthy", false, ""))
                .scene
                .reconcile();

        assertThat(scene.condition(TARGET_REACHABLE)).isEqualTo("True Connected");
        assertThat(scene.status.targets()).extracting(TargetStatus::relays).containsExactly(1, 0);
    }

    @Test
    void aLinkWithoutACheckHasNoTargetsInTheStatus() {
        scene.retarget(StatusFixture.table("r1", "redis-a")).reconcile();

        assertThat(scene.status.targets()).isNull();
    }

    @Test
    void noMoreThanSixteenTargetsAreInTheStatus() {
        Link one = checked(Optional.empty()).links().get(0);
        List<Link> links = IntStream.range(0, 9)
                .mapToObj(i -> Link.builder("redis", 7000 + i, one.targets())
                        .healthCheck(one.healthCheck())
                        .build())
                .toList();
        scene.retarget(new LinkTable(Optional.of("r2"), List.of(), links)).reconcile();

        assertThat(scene.status.targets()).hasSize(16);
    }

    @Test
    void aHintOfARelayIsInTheMessageAndDecidesNothing() {
        relay(
                        "a",
                        new TargetAnswer(
                                "redis-a:6379",
                                Optional.of("ok"),
                                "",
                                Optional.empty(),
                                Optional.empty(),
                                "redis-a:6379 closed early"))
                .scene
                .reconcile();

        assertThat(scene.condition(TARGET_REACHABLE)).isEqualTo("True Connected");
        assertThat(scene.message(TARGET_REACHABLE))
                .isEqualTo(
                        "The latest connects of the relays succeeded. Port 6379, from a: redis-a:6379 closed early.");
    }

    private Optional<AmbassadorEvent> eventAfter(Duration time) {
        AmbassadorStatus before = scene.status;
        scene.after(time).reconcile();
        return events.next(
                "uid", before, scene.status, scene.observed().reconcile().now());
    }

    @Test
    void oneEventTellsHowManyRelaysFailedOverInTenSeconds() {
        onTheFirst("a").onTheFirst("b");
        assertThat(eventAfter(Duration.ZERO)).isEmpty();
        onTheSecond("a");
        assertThat(eventAfter(Duration.ofSeconds(1))).isEmpty();
        onTheSecond("b");
        assertThat(eventAfter(Duration.ofSeconds(9))).isEmpty();

        Instant now = scene.observed().reconcile().now();
        assertThat(events.after("uid", now)).contains(Duration.ofMillis(1001));
        assertThat(eventAfter(Duration.ofMillis(1001)))
                .contains(new AmbassadorEvent(
                        true,
                        "FailedOver",
                        "Port 6379: 2 of 2 relays use redis-b:6379, the second. From a: " + REFUSED + "."));
        assertThat(events.after("uid", now)).isEmpty();
        assertThat(eventAfter(Duration.ofMinutes(5))).isEmpty();
    }

    @Test
    void anEventTellsThatTheFirstTargetIsInUseAgain() {
        onTheSecond("a");
        eventAfter(Duration.ZERO);
        assertThat(eventAfter(Duration.ofSeconds(10))).isPresent();
        onTheFirst("a");
        eventAfter(Duration.ofSeconds(1));

        assertThat(eventAfter(Duration.ofSeconds(10)))
                .contains(new AmbassadorEvent(
                        false, "FailedBack", "The preferred targets are in use again: redis-a:6379 (1 relay)."));
    }

    @Test
    void aFailoverAndItsReturnWithinTenSecondsAreNoEvent() {
        onTheFirst("a");
        eventAfter(Duration.ZERO);
        onTheSecond("a");
        eventAfter(Duration.ofSeconds(1));
        onTheFirst("a");

        assertThat(eventAfter(Duration.ofSeconds(3))).isEmpty();
        assertThat(eventAfter(Duration.ofSeconds(30))).isEmpty();
    }

    @Test
    void anEventTellsThatNoTargetIsHealthy() {
        onNone("a");
        eventAfter(Duration.ZERO);

        assertThat(eventAfter(Duration.ofSeconds(10)).map(AmbassadorEvent::reason))
                .contains("NoHealthyTarget");
    }

    @Test
    void anOperatorThatTakesOverDoesNotRepeatWhatTheStatusHas() {
        onTheSecond("a").scene.reconcile();
        eventAfter(Duration.ofSeconds(1));

        assertThat(eventAfter(Duration.ofSeconds(11))).isEmpty();
    }
}
