package link.ambassador.relay.dial;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A change of the targets while a dial is under way. */
class RedialTest {
    private static final String A = "192.0.2.1";
    private static final String B = "192.0.2.2";

    private final DialFixture dials = new DialFixture();

    @Test
    void theNewTargetIsDialledAndTheConnectToTheOldIsClosed() {
        Dial dial = dials.dial(A);
        dial.retarget(DialFixture.targets(B));
        assertThat(dials.connects()).containsExactly(A, B);
        assertThat(dials.closed).containsExactly(A);
        assertThat(dial.outcome().isComplete()).isFalse();
        dials.succeed(B);
        assertThat(DialFixture.reachedBy(dial)).isEqualTo(B);
    }

    @Test
    void theNewTargetHasAFreshTimeout() {
        Dial dial = dials.dial(A);
        dials.later(4000);
        dial.retarget(DialFixture.targets(B));
        dials.later(4999);
        assertThat(dial.outcome().isComplete()).isFalse();
        dials.later(1);
        assertThat(dial.outcome().failed()).isTrue();
    }

    @Test
    void theAttemptGoesOnWhenItsTargetIsStillThePreferred() {
        Dial dial = dials.dial(A);
        dials.later(4000);
        dial.retarget(DialFixture.targets(A, B));
        assertThat(dials.connects()).containsExactly(A);
        // Within the timeout of its start.
        dials.later(1000);
        assertThat(dials.connects()).containsExactly(B);
    }

    @Test
    void theAttemptIsDroppedWhenAnotherTargetIsNowPreferred() {
        Dial dial = dials.dial(A);
        dial.retarget(DialFixture.targets(B, A));
        assertThat(dials.connects()).containsExactly(A, B);
        dials.refuse(B);
        assertThat(dials.connects()).containsExactly(A);
    }

    @Test
    void toNoTargetFails() {
        Dial dial = dials.dial(A);
        dial.retarget(DialFixture.targets());
        assertThat(dial.outcome().cause()).hasMessage("the link has no target");
        assertThat(dials.closed).containsExactly(A);
    }

    @Test
    void aRetargetAfterTheEndDoesNothing() {
        Dial dial = dials.dial(A);
        dials.succeed(A);
        dial.retarget(DialFixture.targets(B));
        assertThat(dials.connects()).containsExactly(A);
        assertThat(DialFixture.reachedBy(dial)).isEqualTo(A);
    }
}
