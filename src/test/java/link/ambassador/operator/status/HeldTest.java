package link.ambassador.operator.status;

import static link.ambassador.api.v1alpha1.ConditionType.CONVERGED;
import static link.ambassador.api.v1alpha1.ConditionType.HELD;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.api.v1alpha1.HoldSpec;
import link.ambassador.api.v1alpha1.HoldStatus;
import link.ambassador.api.v1alpha1.LastHold;
import link.ambassador.config.Link;
import link.ambassador.config.Target;
import link.ambassador.config.WhenUnavailable;
import link.ambassador.operator.delivery.RelayStatus;
import link.ambassador.operator.delivery.RelayStatus.HoldAnswer;
import link.ambassador.operator.delivery.RelayStatus.LinkAnswer;
import link.ambassador.operator.delivery.RelaySync;
import link.ambassador.operator.delivery.RelaySync.SyncState;
import org.junit.jupiter.api.Test;

final class HeldTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final StatusFixture scene = new StatusFixture();

    @Test
    void withoutAHoldNothingIsSaid() {
        converged();
        assertThat(scene.condition(HELD)).isEqualTo("False NotHeld");
        assertThat(scene.message(HELD)).as("the column MESSAGE").isEmpty();
        assertThat(scene.status.hold()).isNull();
        assertThat(StatusFactory.changesAfter(scene.observed(), scene.status)).isEmpty();
    }

    @Test
    void theStartIsFixedBeforeAnyTableHasTheHold() {
        converged().hold(hold("60s")).reconcile();
        assertThat(scene.status.hold().startedAt()).isEqualTo("2026-11-25T10:00:00Z");
        assertThat(scene.status.hold().until()).isEqualTo("2026-11-25T10:01:00Z");
        assertThat(scene.condition(HELD)).isEqualTo("False Draining");
        assertThat(scene.condition(CONVERGED))
                .as("the relays serve the revision, and it does not have the hold yet")
                .isEqualTo("False Propagating");
        assertThat(scene.toldReasons()).containsExactly("HoldStarted");
        assertThat(scene.told.get(0).message())
                .isEqualTo("New connections wait, until 2026-11-25T10:01:00Z at the latest.");
    }

    @Test
    void itIsHeldOnceEveryRelayHoldsAndNoConnectionIsLeft() {
        held(hold("60s"), 0);
        assertThat(scene.condition(HELD)).isEqualTo("True Holding");
        assertThat(scene.message(HELD)).isEqualTo("2 relays hold, 0 connections left, 7 wait.");
        assertThat(scene.status.hold().relays()).isEqualTo(2);

        answer("b", "holding", 3, 2);
        scene.reconcile();
        assertThat(scene.condition(HELD)).isEqualTo("False Draining");
        assertThat(scene.message(HELD)).isEqualTo("2 relays hold, 2 connections left, 7 wait; b has 2 left.");
        assertThat(scene.status.hold().connectionsLeft()).isEqualTo(2);

        scene.relay("b", SyncState.STALE).reconcile();
        assertThat(scene.condition(HELD)).isEqualTo("False Draining");
        assertThat(scene.message(HELD)).isEqualTo("1 of 2 relays hold, 0 connections left, 4 wait; b is STALE.");
    }

    @Test
    void connectionsThatAreKeptAreNotWaitedFor() {
        held(new HoldSpec(null, "60s", "Keep", null, null, null), 5);
        assertThat(scene.condition(HELD)).isEqualTo("True Holding");
        assertThat(scene.message(HELD)).isEqualTo("2 relays hold, 5 connections left, 7 wait.");
    }

    @Test
    void withoutARelayNothingReachesTheTargets() {
        scene.reconcile().hold(hold("60s")).reconcile().write("r2").reconcile();
        assertThat(scene.condition(HELD)).isEqualTo("True Holding");
    }

    @Test
    void theStartStaysWhileTheHoldStays() {
        held(hold("60s"), 0);
        scene.after(Duration.ofSeconds(20)).hold(hold("90s")).write("r3").reconcile();
        assertThat(scene.status.hold().startedAt()).isEqualTo("2026-11-25T10:00:00Z");
        assertThat(scene.status.hold().until()).isEqualTo("2026-11-25T10:01:30Z");
        assertThat(scene.toldReasons()).doesNotContain("HoldStarted");
    }

    @Test
    void aHoldThatIsSetAgainIsAnotherOne() {
        held(hold("60s"), 0);
        scene.after(Duration.ofSeconds(20)).hold(null).write("r3").reconcile();
        scene.after(Duration.ofSeconds(1)).hold(hold("60s")).reconcile();
        assertThat(scene.status.hold().startedAt()).isEqualTo("2026-11-25T10:00:21Z");
        assertThat(scene.toldReasons())
                .as("the connections of the one before have not left")
                .containsExactly("HoldReleased", "HoldStarted");
        assertThat(scene.status.lastHold().startedAt()).isEqualTo("2026-11-25T10:00:00Z");
    }

    @Test
    void aStartThatNobodyCanReadIsNone() {
        converged().hold(hold("60s")).reconcile();
        HoldStatus edited = new HoldStatus("yesterday", null, null, 0, 0, 0);
        scene.status = new AmbassadorStatus(
                scene.status.observedGeneration(),
                scene.status.revision(),
                scene.status.summary(),
                scene.status.relays(),
                scene.status.selector(),
                scene.status.laggards(),
                scene.status.lastRetarget(),
                edited,
                null,
                scene.status.rollout(),
                null,
                scene.status.conditions());
        scene.after(Duration.ofSeconds(5)).reconcile();
        assertThat(scene.status.hold().startedAt()).isEqualTo("2026-11-25T10:00:05Z");
    }

    @Test
    void atItsTimeoutItHasExpiredUntilItIsRemoved() {
        held(hold("60s"), 0);
        assertThat(StatusFactory.changesAfter(scene.observed(), scene.status))
                .hasValueSatisfying(wait -> assertThat(wait).isLessThanOrEqualTo(Duration.ofSeconds(31)));

        scene.after(MINUTE).reconcile();
        assertThat(scene.condition(HELD)).isEqualTo("False Expired");
        assertThat(scene.message(HELD)).contains("Remove spec.hold");
        assertThat(scene.toldReasons()).containsExactly("HoldExpired");
        assertThat(scene.told.get(0).warning()).isTrue();
        assertThat(scene.status.lastHold().outcome()).isEqualTo(LastHold.EXPIRED);

        scene.after(MINUTE).reconcile();
        assertThat(scene.condition(HELD)).isEqualTo("False Expired");
        assertThat(scene.told).as("told once").isEmpty();
        assertThat(StatusFactory.changesAfter(scene.observed(), scene.status)).isEmpty();

        scene.hold(null).write("r3").reconcile();
        assertThat(scene.condition(HELD)).isEqualTo("False NotHeld");
        assertThat(scene.status.hold()).isNull();
        assertThat(scene.toldReasons()).doesNotContain("HoldReleased");
    }

    @Test
    void aRelayThatEndedItByItsOwnClockHasExpired() {
        held(hold("60s"), 0);
        answer("b", "expired", 0, 0);
        scene.after(Duration.ofSeconds(40)).reconcile();
        assertThat(scene.condition(HELD)).isEqualTo("False Expired");
    }

    @Test
    void aReleaseIsToldWhenTheConnectionsHaveLeft() {
        held(hold("60s"), 0);
        scene.after(Duration.ofSeconds(10)).hold(null).write("r3").reconcile();
        assertThat(scene.condition(HELD)).isEqualTo("False NotHeld");
        assertThat(scene.status.hold().releasedAt()).isEqualTo("2026-11-25T10:00:10Z");
        assertThat(scene.toldReasons()).as("the relays hold still").doesNotContain("HoldReleased");

        answer("a", "removed", 0, 0);
        answer("b", "removed", 2, 0);
        scene.reconcile();
        assertThat(scene.status.hold().connectionsHeld()).isEqualTo(2);
        assertThat(scene.told).isEmpty();

        answer("b", "removed", 0, 0);
        scene.reconcile();
        assertThat(scene.toldReasons()).containsExactly("HoldReleased");
        assertThat(scene.told.get(0).message()).isEqualTo("20 connections waited, the longest for 4s200ms.");
        assertThat(scene.status.hold()).isNull();
        assertThat(scene.status.lastHold())
                .isEqualTo(
                        new LastHold("2026-11-25T10:00:00Z", "2026-11-25T10:00:10Z", LastHold.RELEASED, 20, "4s200ms"));
    }

    @Test
    void relaysThatHoldOnBecauseOfAPreflightHaveReleasedNothing() {
        held(hold("60s"), 0);
        scene.hold(null).write("r3");
        answer("a", "holding", 4, 0);
        answer("b", "holding", 3, 0);
        scene.reconcile();
        scene.after(Duration.ofSeconds(31)).reconcile();
        assertThat(scene.status.hold().connectionsHeld()).isEqualTo(7);
        assertThat(scene.status.lastHold()).isNull();
        assertThat(scene.toldReasons()).doesNotContain("HoldReleased");
        assertThat(scene.message(HELD))
                .isEqualTo("2 of 2 relays hold on, 7 connections wait. The condition Converged says why.");
        assertThat(StatusFactory.changesAfter(scene.observed(), scene.status))
                .hasValueSatisfying(wait -> assertThat(wait).isPositive());

        answer("a", "removed", 0, 0);
        answer("b", "removed", 0, 0);
        scene.reconcile();
        assertThat(scene.toldReasons()).containsExactly("HoldReleased");
        assertThat(scene.message(HELD)).isEmpty();
    }

    @Test
    void aHoldThatGoesOnBecauseOfAPreflightEndsAtItsOwnTime() {
        held(hold("60s"), 0);
        scene.hold(null).write("r3");
        answer("a", "holding", 4, 0);
        answer("b", "holding", 3, 0);
        scene.reconcile();
        answer("a", "expired", 0, 0);
        answer("b", "expired", 0, 0);
        scene.after(MINUTE).reconcile();
        assertThat(scene.status.lastHold().outcome()).isEqualTo(LastHold.EXPIRED);
    }

    @Test
    void relaysThatSayForeverThatTheyHoldAreNotBelieved() {
        held(hold("60s"), 0);
        scene.hold(null).write("r3");
        answer("a", "holding", 4, 0);
        scene.reconcile();
        scene.after(Duration.ofSeconds(91)).reconcile();
        assertThat(scene.status.hold()).isNull();
    }

    @Test
    void aReleaseIsToldAlsoWhenARelayCannotBePolled() {
        held(hold("60s"), 0);
        scene.relay("b", SyncState.UNREACHABLE).hold(null).write("r3").reconcile();
        answer("a", "removed", 0, 0);
        assertThat(scene.reconcile().status.hold()).isNotNull();

        scene.after(Duration.ofSeconds(30)).reconcile();
        assertThat(scene.status.hold()).isNull();
        assertThat(scene.toldReasons()).contains("HoldReleased");
    }

    @Test
    void relaysThatCannotBePolledMayHold() {
        converged().hold(hold("60s")).reconcile().write("r2");
        answer("a", "holding", 4, 0);
        scene.relay("b", SyncState.UNREACHABLE).reconcile();
        assertThat(scene.condition(HELD)).isEqualTo("False Draining");

        scene.after(Duration.ofSeconds(30)).reconcile();
        assertThat(scene.condition(HELD)).isEqualTo("Unknown Unacknowledged");
        assertThat(scene.message(HELD))
                .isEqualTo("1 of 2 relays hold, 0 connections left, 4 wait; b is UNREACHABLE. They may hold. Allow the"
                        + " operator to reach port 15990 of these pods.");
    }

    @Test
    void anOperatorThatHasJustStartedSaysWhatWasSaid() {
        held(hold("60s"), 0);
        var before = scene.status;
        scene.relay("a", SyncState.PENDING).relay("b", SyncState.PENDING).reconcile();
        assertThat(scene.status).isEqualTo(before);
        assertThat(scene.told).isEmpty();
    }

    @Test
    void anEditOfTheTargetsLeavesItHeldWhileRelaysAreAskedAgain() {
        held(hold("60s"), 0);
        scene.otherGeneration().write("r3").relay("a", SyncState.PENDING).reconcile();
        assertThat(scene.condition(HELD)).isEqualTo("True Holding");
        assertThat(scene.status.hold().startedAt()).isEqualTo("2026-11-25T10:00:00Z");
    }

    @Test
    void anEditThatIsNotAcceptedReleasesNothing() {
        held(hold("60s"), 0);
        scene.hold(null)
                .acceptance(new Acceptance(ConditionReason.TARGET_IS_SELF, "A target leads back."))
                .reconcile();
        assertThat(scene.condition(HELD)).isEqualTo("True Holding");
        assertThat(scene.status.hold().releasedAt()).isNull();

        scene.after(MINUTE).reconcile();
        assertThat(scene.condition(HELD)).isEqualTo("False Expired");
    }

    @Test
    void aHoldOfAnAmbassadorThatIsNotAcceptedHoldsNothing() {
        converged()
                .hold(hold("60s"))
                .acceptance(new Acceptance(ConditionReason.NOT_UNDERSTOOD, "It is too new."))
                .reconcile();
        assertThat(scene.condition(HELD)).isEqualTo("False NotHeld");
        assertThat(scene.message(HELD)).isEqualTo("Nothing is held: the edit is not accepted.");
    }

    @Test
    void aHoldIsNoRetargetAndLeavesTheOneBeforeToBeUndone() {
        converged().retarget(StatusFixture.table("r1b", "redis-b")).reconcile();
        held(hold("60s"), 0);
        assertThat(scene.status.lastRetarget().to()).isEqualTo("6379 -> redis-b:6379");

        scene.hold(null).retarget(StatusFixture.table("r3", "redis-c")).reconcile();
        assertThat(scene.status.lastRetarget().from()).isEqualTo("6379 -> redis-b:6379");
        assertThat(scene.status.lastRetarget().to()).isEqualTo("6379 -> redis-c:6379");
    }

    @Test
    void relaysThatAreTooOldAreNamed() {
        converged().hold(hold("60s")).reconcile();
        RelaySync tooOld = RelaySync.tooOld(
                List.of(Link.builder("redis", 6379, List.of(new Target("redis-a", 6379)))
                        .whenUnavailable(WhenUnavailable.hold(MINUTE))
                        .build()),
                Set.of(),
                "recreate it",
                Optional.empty());
        scene.relay(StatusFixture.pod("b"), tooOld).reconcile();
        assertThat(scene.condition(HELD)).isEqualTo("False NotHeld");
        assertThat(scene.message(HELD))
                .isEqualTo("Nothing is held: b does not know hold/1, and serves port 6379 as before: recreate it.");
        assertThat(scene.condition(CONVERGED)).isNotEqualTo("False Propagating");
    }

    private StatusFixture converged() {
        return scene.relay("a", SyncState.ACKNOWLEDGED)
                .relay("b", SyncState.ACKNOWLEDGED)
                .reconcile();
    }

    /** Two relays hold; one of them has {@code left} connections left. */
    private void held(HoldSpec spec, int left) {
        converged().hold(spec).reconcile().write("r2");
        answer("a", "holding", 4, left);
        answer("b", "holding", 3, 0);
        scene.reconcile();
    }

    private void answer(String relay, String state, int held, int left) {
        HoldAnswer hold = new HoldAnswer(
                Instant.parse(scene.status.hold().startedAt()), state, held, left, 10, Duration.ofMillis(4_200));
        RelayStatus answer = new RelayStatus(
                "0.1.0",
                scene.observed().revision(),
                Optional.empty(),
                List.of(new LinkAnswer("redis", 6379, true, "", List.of(), Optional.of(hold))));
        scene.relay(
                StatusFixture.pod(relay),
                RelaySync.of(answer, scene.observed().revision().orElseThrow()));
    }

    private static HoldSpec hold(String timeout) {
        return new HoldSpec(null, timeout, "Drain", null, null, null);
    }
}
