package link.ambassador.relay.dial;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import link.ambassador.link.Target;
import org.junit.jupiter.api.Test;

/** What dials learn of targets, and what later dials make of it. */
class TargetHealthTest {
    private static final String A = "192.0.2.1";
    private static final String B = "192.0.2.2";
    private static final Target TARGET_A = new Target(A, 1);
    private static final Target TARGET_B = new Target(B, 1);

    private final DialScene scene = new DialScene();

    @Test
    void aTargetThatFailedIsPassedOverForTenSeconds() {
        scene.dial(A, B);
        scene.refuse(A);
        scene.succeed(B);
        scene.connects();

        scene.later(9_999);
        scene.dial(A, B);
        assertThat(scene.connects()).containsExactly(B);
        scene.succeed(B);

        scene.later(1);
        scene.dial(A, B);
        assertThat(scene.connects()).containsExactly(A);
        scene.succeed(A);
        assertThat(scene.health.inUse()).contains(TARGET_A);
    }

    @Test
    void aTargetPassedOverIsTriedWhenTheOthersFail() {
        scene.dial(A, B);
        scene.refuse(A);
        scene.succeed(B);

        Dial<String> dial = scene.dial(A, B);
        scene.refuse(B);
        scene.succeed(A);
        assertThat(dial.outcome().result().target()).isEqualTo(TARGET_A);
    }

    @Test
    void whenAllFailedThePreferenceDecidesAgain() {
        scene.dial(A, B);
        scene.refuse(A);
        scene.refuse(B);
        scene.connects();

        scene.dial(A, B);
        assertThat(scene.connects()).containsExactly(A);
    }

    @Test
    void aTargetThatConnectsIsNotPassedOverAnyMore() {
        scene.health.record(TARGET_A, DialResult.REFUSED, "refused");
        scene.health.record(TARGET_A, DialResult.OK, "");
        assertThat(scene.health.order(List.of(TARGET_A, TARGET_B))).containsExactly(TARGET_A, TARGET_B);
    }

    @Test
    void aTargetThatLeftTheListIsForgotten() {
        scene.health.record(TARGET_A, DialResult.OK, "");
        scene.health.retain(List.of(TARGET_B));
        assertThat(scene.health.seen(TARGET_A)).isEmpty();
        assertThat(scene.health.inUse()).isEmpty();
    }

    @Test
    void aDialThatEndsLateDoesNotBringBackATargetThatLeftTheList() {
        scene.dial(A);
        scene.health.retain(List.of(TARGET_B));
        scene.succeed(A);
        assertThat(scene.health.seen(TARGET_A)).isEmpty();
        assertThat(scene.health.inUse()).isEmpty();

        scene.health.retain(List.of(TARGET_A));
        scene.dial(A);
        scene.succeed(A);
        assertThat(scene.health.inUse()).contains(TARGET_A);
    }
}
