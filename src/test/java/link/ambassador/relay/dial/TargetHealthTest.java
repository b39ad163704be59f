package link.ambassador.relay.dial;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import link.ambassador.config.Target;
import org.junit.jupiter.api.Test;

/** What dials learn about targets, and how later dials use it. */
class TargetHealthTest {
    private static final String A = "192.0.2.1";
    private static final String B = "192.0.2.2";
    private static final String C = "192.0.2.3";
    private static final String D = "192.0.2.4";
    private static final Target TARGET_A = new Target(A, 1);
    private static final Target TARGET_B = new Target(B, 1);

    private final DialFixture dials = new DialFixture();

    @Test
    void aTargetThatFailedIsEjectedForTenSeconds() {
        dials.dial(A, B);
        dials.refuse(A);
        dials.succeed(B);
        dials.connects();

        dials.later(9_999);
        dials.dial(A, B);
        assertThat(dials.connects()).containsExactly(B);
        dials.succeed(B);

        dials.later(1);
        dials.dial(A, B);
        assertThat(dials.connects()).containsExactly(A);
        dials.succeed(A);
        assertThat(dials.health.active()).contains(TARGET_A);
    }

    @Test
    void theDialsOfATargetAreCountedUntilItLeavesTheList() {
        dials.dial(A, B);
        dials.refuse(A);
        dials.succeed(B);
        dials.dial(A, B);
        dials.succeed(B);

        assertThat(dials.health.tries(TARGET_A)).isEqualTo(new TargetHealth.Tries(0, 1, 0));
        assertThat(dials.health.tries(TARGET_B)).isEqualTo(new TargetHealth.Tries(2, 0, 0));
        dials.health.retain(List.of(TARGET_A));
        assertThat(dials.health.tries(TARGET_A)).isEqualTo(new TargetHealth.Tries(0, 1, 0));
        assertThat(dials.health.tries(TARGET_B)).isEqualTo(new TargetHealth.Tries(0, 0, 0));
    }

    @Test
    void anEjectedTargetIsTriedWhenTheOthersFail() {
        dials.dial(A, B);
        dials.refuse(A);
        dials.succeed(B);

        Dial dial = dials.dial(A, B);
        dials.refuse(B);
        dials.succeed(A);
        assertThat(dial.outcome().result().target()).isEqualTo(TARGET_A);
    }

    @Test
    void whenAllFailedThePreferenceDecidesAgain() {
        dials.dial(A, B);
        dials.refuse(A);
        dials.refuse(B);
        dials.connects();

        dials.dial(A, B);
        assertThat(dials.connects()).containsExactly(A);
    }

    @Test
    void aSilentTargetCostsOneConnectionEveryTenSecondsItsTimeout() {
        fail(A, B);
        dials.dial(A, B);
        assertThat(dials.connects()).containsExactly(A);
        for (int i = 0; i < 4; i++) {
            dials.later(1000);
            dials.dial(A, B);
            assertThat(dials.connects()).containsExactly(B);
            dials.succeed(B);
        }
        dials.later(1000);
        assertThat(dials.attempted).endsWith(A + ":1 TIMEOUT");
        assertThat(dials.connects()).containsExactly(B);
        dials.succeed(B);

        dials.later(9_999);
        dials.dial(A, B);
        assertThat(dials.connects()).containsExactly(B);
        dials.succeed(B);
        dials.later(1);
        dials.dial(A, B);
        assertThat(dials.connects()).containsExactly(A);
    }

    @Test
    void ofSeveralSilentTargetsAConnectionTriesOneAgain() {
        fail(A, B, C, D);
        Dial first = dials.dial(A, B, C, D);
        Dial second = dials.dial(A, B, C, D);
        Dial third = dials.dial(A, B, C, D);
        assertThat(dials.connects()).containsExactly(A, B, C);
        Dial fourth = dials.dial(A, B, C, D);
        assertThat(dials.connects()).containsExactly(D);
        dials.succeed(D);
        assertThat(DialFixture.reachedBy(fourth)).isEqualTo(D);

        for (Dial dial : List.of(first, second, third)) {
            dials.refuse(List.of(A, B, C).get(List.of(first, second, third).indexOf(dial)));
            assertThat(dials.connects()).containsExactly(D);
            dials.succeed(D);
            assertThat(DialFixture.reachedBy(dial)).isEqualTo(D);
        }
    }

    @Test
    void aTargetThatAnswersAgainServesAllAtOnce() {
        fail(A, B);
        dials.dial(A, B);
        dials.succeed(A);
        dials.connects();
        dials.dial(A, B);
        assertThat(dials.connects()).containsExactly(A);
        dials.succeed(A);
    }

    @Test
    void aTrialWithoutDownstreamMovesOnTenSecondsAfterItsStart() {
        fail(A, B);
        Dial trial = dials.dial(A, B);
        dials.later(3000);
        trial.cancel();
        dials.connects();

        dials.later(6_999);
        dials.dial(A, B);
        assertThat(dials.connects()).containsExactly(B);
        dials.succeed(B);
        dials.later(1);
        dials.dial(A, B);
        assertThat(dials.connects()).containsExactly(A);
    }

    @Test
    void aRetargetedTrialMovesOnTenSecondsAfterItsStart() {
        fail(A, B);
        Dial trial = dials.dial(A, B);
        trial.retarget(DialFixture.targets(B, A));
        assertThat(dials.connects()).containsExactly(A, B);
        dials.succeed(B);

        dials.later(10_000);
        dials.dial(A, B);
        assertThat(dials.connects()).containsExactly(A);
    }

    @Test
    void aTrialGoesOnWhenARetargetLeavesItsTargetThePreferred() {
        fail(A, B);
        Dial trial = dials.dial(A, B);
        trial.retarget(DialFixture.targets(A, C));
        assertThat(dials.connects()).containsExactly(A);
        dials.dial(A, C);
        assertThat(dials.connects()).containsExactly(C);
        dials.succeed(A);
        assertThat(DialFixture.reachedBy(trial)).isEqualTo(A);
    }

    @Test
    void aTrialLastsUntilItHasAnAnswerHoweverLong() {
        fail(A, B);
        dials.dialWithin(Duration.ofSeconds(60), A, B);
        dials.connects();
        dials.later(30_000);
        dials.dial(A, B);
        assertThat(dials.connects()).containsExactly(B);
        dials.succeed(B);
    }

    @Test
    void theOnlyTargetIsTriedByEachConnection() {
        dials.dial(A);
        dials.refuse(A);
        dials.connects();
        for (int i = 0; i < 3; i++) {
            dials.dial(A);
            assertThat(dials.connects()).containsExactly(A);
            dials.refuse(A);
        }
        dials.later(10_000);
        dials.dial(A);
        dials.connects();
        dials.dial(A);
        assertThat(dials.connects()).containsExactly(A);
    }

    /** All of these but the last refuse, and then ten seconds pass. */
    private void fail(String... hosts) {
        dials.dial(hosts);
        for (int i = 0; i < hosts.length - 1; i++) {
            dials.refuse(hosts[i]);
        }
        dials.succeed(hosts[hosts.length - 1]);
        dials.later(10_000);
        dials.connects();
    }

    @Test
    void aTargetThatConnectsIsNoLongerEjected() {
        dials.health.record(TARGET_A, DialResult.REFUSED, "refused");
        dials.health.record(TARGET_A, DialResult.OK, "");
        assertThat(dials.health.choose(List.of(TARGET_A, TARGET_B), false, null))
                .isEqualTo(TARGET_A);
    }

    @Test
    void aTargetThatLeftTheListIsForgotten() {
        dials.health.record(TARGET_A, DialResult.OK, "");
        dials.health.retain(List.of(TARGET_B));
        assertThat(dials.health.lastTry(TARGET_A)).isEmpty();
        assertThat(dials.health.active()).isEmpty();
    }

    @Test
    void aDialThatEndsLateDoesNotBringBackATargetThatLeftTheList() {
        dials.dial(A);
        dials.health.retain(List.of(TARGET_B));
        dials.succeed(A);
        assertThat(dials.health.lastTry(TARGET_A)).isEmpty();
        assertThat(dials.health.active()).isEmpty();

        dials.health.retain(List.of(TARGET_A));
        dials.dial(A);
        dials.succeed(A);
        assertThat(dials.health.active()).contains(TARGET_A);
    }
}
