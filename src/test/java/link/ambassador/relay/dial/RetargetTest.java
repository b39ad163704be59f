package link.ambassador.relay.dial;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A change of the targets while a dial is under way. */
class RetargetTest {
    private static final String A = "192.0.2.1";
    private static final String B = "192.0.2.2";

    private final DialFixture scene = new DialFixture();

    @Test
    void theNewTargetIsDialledAndTheConnectToTheOldIsClosed() {
        Dial<String> dial = scene.dial(A);
        dial.retarget(DialFixture.targets(B));
        assertThat(scene.connects()).containsExactly(A, B);
        assertThat(scene.closed).containsExactly(A);
        assertThat(dial.outcome().isComplete()).isFalse();
        scene.succeed(B);
        assertThat(dial.outcome().result().connection()).isEqualTo(B);
    }

    @Test
    void theNewTargetHasAFreshTimeout() {
        Dial<String> dial = scene.dial(A);
        scene.later(4000);
        dial.retarget(DialFixture.targets(B));
        scene.later(4999);
        assertThat(dial.outcome().isComplete()).isFalse();
        scene.later(1);
        assertThat(dial.outcome().failed()).isTrue();
    }

    @Test
    void theAttemptGoesOnWhenItsTargetIsStillThePreferred() {
        Dial<String> dial = scene.dial(A);
        scene.later(4000);
        dial.retarget(DialFixture.targets(A, B));
        assertThat(scene.connects()).containsExactly(A);
        // Within the timeout it began with.
        scene.later(1000);
        assertThat(scene.connects()).containsExactly(B);
    }

    @Test
    void theAttemptIsDroppedWhenAnotherTargetIsNowPreferred() {
        Dial<String> dial = scene.dial(A);
        dial.retarget(DialFixture.targets(B, A));
        assertThat(scene.connects()).containsExactly(A, B);
        scene.refuse(B);
        assertThat(scene.connects()).containsExactly(A);
    }

    @Test
    void toNoTargetFails() {
        Dial<String> dial = scene.dial(A);
        dial.retarget(DialFixture.targets());
        assertThat(dial.outcome().cause()).hasMessage("the link has no target");
        assertThat(scene.closed).containsExactly(A);
    }

    @Test
    void afterTheEndIsNothing() {
        Dial<String> dial = scene.dial(A);
        scene.succeed(A);
        dial.retarget(DialFixture.targets(B));
        assertThat(scene.connects()).containsExactly(A);
        assertThat(dial.outcome().result().connection()).isEqualTo(A);
    }
}
