package link.ambassador.relay.dial;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import link.ambassador.config.Target;
import org.junit.jupiter.api.Test;

/** What dials learn of targets, and what later dials make of it. */
class TargetHealthTest {
    private static final String A = "192.0.2.1";
    private static final String B = "192.0.2.2";
    private static final String C = "192.0.2.3";
    private static final String D = "192.0.2.4";
    private static final Target TARGET_A = new Target(A, 1);
    private static final Target TARGET_B = new Target(B, 1);

    private final DialFixture scene = new DialFixture();

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
        assertThat(scene.health.active()).contains(TARGET_A);
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
    void aSilentTargetCostsOneConnectionEveryTenSecondsItsTimeout() {
        fail(A, B);
        scene.dial(A, B);
        assertThat(scene.connects()).containsExactly(A);
        for (int i = 0; i < 4; i++) {
            scene.later(1000);
            scene.dial(A, B);
            assertThat(scene.connects()).containsExactly(B);
            scene.succeed(B);
        }
        scene.later(1000);
        assertThat(scene.attempted).endsWith(A + ":1 TIMEOUT");
        assertThat(scene.connects()).containsExactly(B);
        scene.succeed(B);

        scene.later(9_999);
        scene.dial(A, B);
        assertThat(scene.connects()).containsExactly(B);
        scene.succeed(B);
        scene.later(1);
        scene.dial(A, B);
        assertThat(scene.connects()).containsExactly(A);
    }

    @Test
    void ofSeveralSilentTargetsAConnectionTriesOneAgain() {
        fail(A, B, C, D);
        Dial<String> first = scene.dial(A, B, C, D);
        Dial<String> second = scene.dial(A, B, C, D);
        Dial<String> third = scene.dial(A, B, C, D);
        assertThat(scene.connects()).containsExactly(A, B, C);
        Dial<String> fourth = scene.dial(A, B, C, D);
        assertThat(scene.connects()).containsExactly(D);
        scene.succeed(D);
        assertThat(fourth.outcome().result().connection()).isEqualTo(D);

        for (Dial<String> dial : List.of(first, second, third)) {
            scene.refuse(List.of(A, B, C).get(List.of(first, second, third).indexOf(dial)));
            assertThat(scene.connects()).containsExactly(D);
            scene.succeed(D);
            assertThat(dial.outcome().result().connection()).isEqualTo(D);
        }
    }

    @Test
    void aTargetThatAnswersAgainServesAllAtOnce() {
        fail(A, B);
        scene.dial(A, B);
        scene.succeed(A);
        scene.connects();
        scene.dial(A, B);
        assertThat(scene.connects()).containsExactly(A);
        scene.succeed(A);
    }

    @Test
    void aTrialWhoseDownstreamIsGoneIsAnothersTenSecondsAfterItBegan() {
        fail(A, B);
        Dial<String> trial = scene.dial(A, B);
        scene.later(3000);
        trial.cancel();
        scene.connects();

        scene.later(6_999);
        scene.dial(A, B);
        assertThat(scene.connects()).containsExactly(B);
        scene.succeed(B);
        scene.later(1);
        scene.dial(A, B);
        assertThat(scene.connects()).containsExactly(A);
    }

    @Test
    void aTrialThatIsRetargetedIsAnothersTenSecondsAfterItBegan() {
        fail(A, B);
        Dial<String> trial = scene.dial(A, B);
        trial.retarget(DialFixture.targets(B, A));
        assertThat(scene.connects()).containsExactly(A, B);
        scene.succeed(B);

        scene.later(10_000);
        scene.dial(A, B);
        assertThat(scene.connects()).containsExactly(A);
    }

    @Test
    void aTrialGoesOnWhenARetargetLeavesItsTargetThePreferred() {
        fail(A, B);
        Dial<String> trial = scene.dial(A, B);
        trial.retarget(DialFixture.targets(A, C));
        assertThat(scene.connects()).containsExactly(A);
        scene.dial(A, C);
        assertThat(scene.connects()).containsExactly(C);
        scene.succeed(A);
        assertThat(trial.outcome().result().connection()).isEqualTo(A);
    }

    @Test
    void aTrialLastsUntilItHasAnAnswerHoweverLong() {
        fail(A, B);
        scene.dialWithin(Duration.ofSeconds(60), A, B);
        scene.connects();
        scene.later(30_000);
        scene.dial(A, B);
        assertThat(scene.connects()).containsExactly(B);
        scene.succeed(B);
    }

    @Test
    void theOnlyTargetIsTriedByEachConnection() {
        scene.dial(A);
        scene.refuse(A);
        scene.connects();
        for (int i = 0; i < 3; i++) {
            scene.dial(A);
            assertThat(scene.connects()).containsExactly(A);
            scene.refuse(A);
        }
        scene.later(10_000);
        scene.dial(A);
        scene.connects();
        scene.dial(A);
        assertThat(scene.connects()).containsExactly(A);
    }

    /** All but the last of these refuse, and their ten seconds pass. */
    private void fail(String... hosts) {
        scene.dial(hosts);
        for (int i = 0; i < hosts.length - 1; i++) {
            scene.refuse(hosts[i]);
        }
        scene.succeed(hosts[hosts.length - 1]);
        scene.later(10_000);
        scene.connects();
    }

    @Test
    void aTargetThatConnectsIsNotPassedOverAnyMore() {
        scene.health.record(TARGET_A, DialResult.REFUSED, "refused");
        scene.health.record(TARGET_A, DialResult.OK, "");
        assertThat(scene.health.choose(List.of(TARGET_A, TARGET_B), false, null))
                .isEqualTo(TARGET_A);
    }

    @Test
    void aTargetThatLeftTheListIsForgotten() {
        scene.health.record(TARGET_A, DialResult.OK, "");
        scene.health.retain(List.of(TARGET_B));
        assertThat(scene.health.seen(TARGET_A)).isEmpty();
        assertThat(scene.health.active()).isEmpty();
    }

    @Test
    void aDialThatEndsLateDoesNotBringBackATargetThatLeftTheList() {
        scene.dial(A);
        scene.health.retain(List.of(TARGET_B));
        scene.succeed(A);
        assertThat(scene.health.seen(TARGET_A)).isEmpty();
        assertThat(scene.health.active()).isEmpty();

        scene.health.retain(List.of(TARGET_A));
        scene.dial(A);
        scene.succeed(A);
        assertThat(scene.health.active()).contains(TARGET_A);
    }
}
