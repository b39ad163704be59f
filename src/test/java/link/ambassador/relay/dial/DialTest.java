package link.ambassador.relay.dial;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.util.List;
import link.ambassador.relay.dns.UnresolvedException;
import link.ambassador.relay.dns.UnresolvedException.Reason;
import org.junit.jupiter.api.Test;

/** The order and the timing of a dial. */
class DialTest {
    private static final String A = "192.0.2.1";
    private static final String B = "192.0.2.2";
    private static final String C = "192.0.2.3";

    private final DialFixture dials = new DialFixture();

    @Test
    void theFirstTargetThatConnectsServes() {
        Dial dial = dials.dial(A, B);
        assertThat(dials.connects()).containsExactly(A);
        dials.succeed(A);
        assertThat(DialFixture.reachedBy(dial)).isEqualTo(A);
        assertThat(dial.outcome().result().target()).hasToString(A + ":1");
        assertThat(dials.health.active()).contains(dial.outcome().result().target());
        dials.later(60_000);
        assertThat(dials.connects()).isEmpty();
        assertThat(dials.attempted).containsExactly(A + ":1 OK");
    }

    @Test
    void theNextTargetIsTriedAtOnceWhenOneRefuses() {
        Dial dial = dials.dial(A, B);
        dials.refuse(A);
        assertThat(dials.connects()).containsExactly(A, B);
        dials.succeed(B);
        assertThat(DialFixture.reachedBy(dial)).isEqualTo(B);
        assertThat(dials.attempted).containsExactly(A + ":1 REFUSED", B + ":1 OK");
    }

    @Test
    void whenAllTargetsFailItFailsWithTheLastFailure() {
        Dial dial = dials.dial(A, B);
        dials.refuse(A);
        dials.fail(B, new NoRouteToHostException("No route to host"));
        DialException failure = (DialException) dial.outcome().cause();
        assertThat(failure.result()).isEqualTo(DialResult.UNREACHABLE);
        assertThat(failure).hasMessage(B + ":1: no route to it");
    }

    @Test
    void aTargetListedTwiceIsTriedOnce() {
        Dial dial = dials.dial(A, A);
        dials.refuse(A);
        assertThat(dial.outcome().failed()).isTrue();
    }

    @Test
    void withoutTargetsItFailsAtOnce() {
        assertThat(dials.dial().outcome().cause()).hasMessage("the link has no target");
    }

    @Test
    void theNextAddressOfANameStartsAfter250Milliseconds() {
        dials.name("db.example.com", A, B, C);
        Dial dial = dials.dial("db.example.com");
        dials.later(249);
        assertThat(dials.connects()).containsExactly(A);
        dials.later(1);
        assertThat(dials.connects()).containsExactly(B);
        dials.succeed(B);
        assertThat(DialFixture.reachedBy(dial)).isEqualTo(B);
        dials.later(250);
        assertThat(dials.connects()).isEmpty();
        assertThat(dials.closed).containsExactly(A);
        assertThat(dials.races).isZero();
    }

    @Test
    void withoutRoomForARaceTheNextAddressWaits() {
        dials.maxRaces = 1;
        dials.name("db.example.com", A, B, C);
        dials.dial("db.example.com");
        dials.later(1_000);
        assertThat(dials.connects()).containsExactly(A, B);
        dials.refuse(A);
        assertThat(dials.connects()).containsExactly(C);
        dials.refuse(B);
        dials.refuse(C);
        assertThat(dials.races).isZero();
        assertThat(dials.attempted).containsExactly("db.example.com:1 REFUSED");
    }

    @Test
    void theNextAddressOfANameStartsAtOnceWhenOneFails() {
        dials.name("db.example.com", A, B, C);
        dials.dial("db.example.com");
        dials.later(100);
        dials.refuse(A);
        assertThat(dials.connects()).containsExactly(A, B);
        dials.later(249);
        assertThat(dials.connects()).isEmpty();
        dials.later(1);
        assertThat(dials.connects()).containsExactly(C);
    }

    @Test
    void theFirstAddressMayStillWin() {
        dials.name("db.example.com", A, B);
        Dial dial = dials.dial("db.example.com");
        dials.later(250);
        dials.refuse(B);
        dials.later(1000);
        dials.succeed(A);
        assertThat(DialFixture.reachedBy(dial)).isEqualTo(A);
    }

    @Test
    void familiesAlternate() {
        List<InetAddress> answered = DialFixture.addresses(A, B, C, "2001:db8::1");
        assertThat(HappyEyeballs.interleaved(answered))
                .containsExactlyElementsOf(DialFixture.addresses(A, "2001:db8::1", B, C));
    }

    @Test
    void theTimeoutIsForEachTarget() {
        Dial dial = dials.dial(A, B);
        dials.later(4999);
        assertThat(dials.connects()).containsExactly(A);
        dials.later(1);
        assertThat(dials.connects()).containsExactly(B);
        dials.later(4999);
        assertThat(dial.outcome().isComplete()).isFalse();
        dials.later(1);
        assertThat(dial.outcome().cause()).hasMessage(B + ":1: no connection within 5000 ms");
        assertThat(dials.attempted).containsExactly(A + ":1 TIMEOUT", B + ":1 TIMEOUT");
        assertThat(dials.closed).containsExactly(A, B);
    }

    @Test
    void theTimeoutIncludesResolving() {
        Promise<List<InetAddress>> resolving = Promise.promise();
        dials.name("db.example.com", resolving.future());
        dials.dial("db.example.com", B);
        dials.later(3000);
        resolving.complete(DialFixture.addresses(A));
        dials.later(1999);
        assertThat(dials.connects()).containsExactly(A);
        dials.later(1);
        assertThat(dials.connects()).containsExactly(B);
        assertThat(dials.closed).containsExactly(A);
    }

    @Test
    void aNameThatDoesNotResolveInTimeGivesWayToTheNextTarget() {
        Promise<List<InetAddress>> resolving = Promise.promise();
        dials.name("db.example.com", resolving.future());
        dials.dial("db.example.com", B);
        dials.later(5000);
        assertThat(dials.attempted).containsExactly("db.example.com:1 NAME_UNRESOLVED");
        resolving.complete(DialFixture.addresses(A));
        assertThat(dials.connects()).containsExactly(B);
    }

    @Test
    void aNameThatDoesNotExistGivesWayToTheNextTarget() {
        dials.name("db.example.com", Future.failedFuture(new UnresolvedException(Reason.NOT_FOUND, "no such name")));
        dials.dial("db.example.com", B);
        assertThat(dials.attempted).containsExactly("db.example.com:1 NAME_NOT_FOUND");
        assertThat(dials.connects()).containsExactly(B);
    }

    @Test
    void aNameIsReportedUnreachableWhenAllItsAddressesFailed() {
        dials.name("db.example.com", A, B);
        dials.dial("db.example.com");
        dials.refuse(A);
        assertThat(dials.unreachable).isEmpty();
        dials.later(5000);
        assertThat(dials.unreachable).containsExactly("db.example.com 2");
    }

    @Test
    void aNameThatConnectsOrIsGivenUpIsNotReportedUnreachable() {
        dials.name("db.example.com", A, B);
        dials.dial("db.example.com");
        dials.refuse(A);
        dials.succeed(B);
        dials.dial("db.example.com").cancel();
        assertThat(dials.unreachable).isEmpty();
    }

    @Test
    void itsOwnListenerIsNotDialled() {
        dials.own.add(A);
        Dial dial = dials.dial(A);
        assertThat(((DialException) dial.outcome().cause()).result()).isEqualTo(DialResult.SELF);
        assertThat(dials.connects()).isEmpty();
    }

    @Test
    void ofANameOnlyTheAddressesThatAreNotItsOwnListenerAreDialled() {
        dials.own.add(A);
        dials.name("db.example.com", A, B);
        Dial dial = dials.dial("db.example.com");
        assertThat(dials.connects()).containsExactly(B);
        dials.refuse(B);
        assertThat(dial.outcome().cause()).hasMessage("db.example.com:1 (" + B + "): connection refused");
    }

    @Test
    void cancellingClosesWhatIsUnderWay() {
        dials.name("db.example.com", A, B);
        Dial dial = dials.dial("db.example.com", C);
        dials.later(250);
        dial.cancel();
        assertThat(((DialException) dial.outcome().cause()).result()).isEqualTo(DialResult.CANCELLED);
        assertThat(dials.closed).containsExactly(A, B);
        dials.later(60_000);
        assertThat(dials.connects()).containsExactly(A, B);
        assertThat(dials.attempted).containsExactly("db.example.com:1 CANCELLED");
        assertThat(dials.health.lastTry(DialFixture.targets("db.example.com").get(0)))
                .isEmpty();
    }

    @Test
    void cancellingAfterTheEndDoesNothing() {
        Dial dial = dials.dial(A);
        dials.succeed(A);
        dial.cancel();
        assertThat(dial.outcome().succeeded()).isTrue();
        assertThat(dials.discarded).isEmpty();
    }

    @Test
    void anErrorInTheRelayFailsTheDialEvenInATimer() {
        Promise<List<InetAddress>> name = Promise.promise();
        dials.name("redis", name.future());
        Dial dial = dials.dial("redis", B);
        assertThat(dial.outcome().isComplete()).isFalse();
        name.complete(null);
        assertThat(dial.outcome().cause()).isInstanceOf(NullPointerException.class);
        dials.later(60_000);
        assertThat(dials.connects()).isEmpty();
    }
}
