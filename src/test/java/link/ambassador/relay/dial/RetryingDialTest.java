package link.ambassador.relay.dial;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import java.time.Duration;
import link.ambassador.relay.dns.UnresolvedException;
import link.ambassador.relay.dns.UnresolvedException.Reason;
import org.junit.jupiter.api.Test;

/** A dial that goes on when every target has failed. */
class RetryingDialTest {
    private static final String A = "192.0.2.1";
    private static final String B = "192.0.2.2";

    private final DialFixture dials = new DialFixture();

    @Test
    void everyTargetIsTriedAgain() {
        Dial dial = dials.dialAndHold(Duration.ofSeconds(15), A, B);
        dials.refuse(A);
        dials.refuse(B);
        assertThat(dials.connects()).containsExactly(A, B);
        dials.later(24);
        assertThat(dials.connects()).isEmpty();
        dials.later(26);
        assertThat(dials.connects()).containsExactly(A);
        dials.refuse(A);
        assertThat(dials.connects()).containsExactly(B);
        dials.succeed(B);
        assertThat(DialFixture.reachedBy(dial)).isEqualTo(B);
        dials.later(60_000);
        assertThat(dials.connects()).isEmpty();
    }

    @Test
    void itWaitsTwiceAsLongEachTimeAndAtMostASecond() {
        dials.dialAndHold(Duration.ofMinutes(10), A);
        for (int longest : new int[] {50, 100, 200, 400, 800, 1_000, 1_000, 1_000}) {
            dials.connects();
            dials.refuse(A);
            dials.later(longest / 2 - 1);
            assertThat(dials.connects()).isEmpty();
            dials.later(longest - longest / 2 + 1);
            assertThat(dials.connects()).containsExactly(A);
        }
    }

    @Test
    void afterItsTimeoutItFailsWithTheLastFailure() {
        Dial dial = dials.dialAndHold(Duration.ofMillis(40), A);
        dials.refuse(A);
        assertThat(dial.outcome().isComplete()).isFalse();
        dials.later(40);
        DialException failure = (DialException) dial.outcome().cause();
        assertThat(failure.result()).isEqualTo(DialResult.REFUSED);
        assertThat(failure).hasMessage(A + ":1: connection refused");
        assertThat(dials.retrying).isZero();
    }

    @Test
    void itsTimeoutBeginsWhenEveryTargetHasFailed() {
        Dial dial = dials.dialAndHold(Duration.ofSeconds(2), A);
        dials.later(4_999);
        dials.refuse(A);
        dials.later(1_999);
        assertThat(dial.outcome().isComplete()).isFalse();
        dials.later(1);
        assertThat(dial.outcome().failed()).isTrue();
    }

    @Test
    void aConnectThatIsUnderWayAtTheTimeoutIsClosed() {
        Dial dial = dials.dialAndHold(Duration.ofSeconds(1), A);
        dials.refuse(A);
        dials.later(50);
        dials.later(950);
        assertThat(dial.outcome().failed()).isTrue();
        assertThat(dials.closed).containsExactly(A);
    }

    @Test
    void aNameThatDoesNotExistYetIsAFailureThatPasses() {
        dials.name("new", Future.failedFuture(new UnresolvedException(Reason.NOT_FOUND, "no such name")));
        Dial dial = dials.dialAndHold(Duration.ofSeconds(15), "new");
        dials.name("new", A);
        dials.later(50);
        dials.succeed(A);
        assertThat(DialFixture.reachedBy(dial)).isEqualTo(A);
    }

    @Test
    void aTargetThatIsTheRelayItselfIsNotTriedAgain() {
        dials.own.add(A);
        assertThat(dials.dialAndHold(Duration.ofSeconds(15), A).outcome().failed())
                .isTrue();

        Dial withAnother = dials.dialAndHold(Duration.ofSeconds(15), A, B);
        dials.refuse(B);
        assertThat(withAnother.outcome().isComplete()).isFalse();
    }

    @Test
    void aRetargetIsDialledAtOnceAndAsANewDial() {
        Dial dial = dials.dialAndHold(Duration.ofSeconds(2), A);
        dials.refuse(A);
        dials.connects();
        dials.later(10);
        dial.retarget(DialFixture.targets(B));
        assertThat(dials.connects()).containsExactly(B);
        assertThat(dials.retrying).isZero();
        dials.later(4_000);
        dials.refuse(B);
        assertThat(dials.retrying).isOne();
        dials.later(1_999);
        assertThat(dial.outcome().isComplete()).isFalse();
        dials.later(1);
        assertThat(dial.outcome().failed()).isTrue();
    }

    @Test
    void aDownstreamThatIsGoneEndsIt() {
        Dial dial = dials.dialAndHold(Duration.ofSeconds(15), A);
        dials.refuse(A);
        dials.connects();
        assertThat(dials.retrying).isOne();
        dial.cancel();
        assertThat(dials.retrying).isZero();
        dials.later(20_000);
        assertThat(dials.connects()).isEmpty();
        assertThat(((DialException) dial.outcome().cause()).result()).isEqualTo(DialResult.CANCELLED);
    }
}
