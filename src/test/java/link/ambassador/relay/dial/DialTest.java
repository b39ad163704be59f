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

    private final DialFixture scene = new DialFixture();

    @Test
    void theFirstTargetThatConnectsServes() {
        Dial<String> dial = scene.dial(A, B);
        assertThat(scene.connects()).containsExactly(A);
        scene.succeed(A);
        assertThat(dial.outcome().result().connection()).isEqualTo(A);
        assertThat(dial.outcome().result().target()).hasToString(A + ":1");
        assertThat(scene.health.active()).contains(dial.outcome().result().target());
        scene.later(60_000);
        assertThat(scene.connects()).isEmpty();
        assertThat(scene.attempted).containsExactly(A + ":1 OK");
    }

    @Test
    void theNextTargetIsTriedAtOnceWhenOneRefuses() {
        Dial<String> dial = scene.dial(A, B);
        scene.refuse(A);
        assertThat(scene.connects()).containsExactly(A, B);
        scene.succeed(B);
        assertThat(dial.outcome().result().connection()).isEqualTo(B);
        assertThat(scene.attempted).containsExactly(A + ":1 REFUSED", B + ":1 OK");
    }

    @Test
    void itFailsWithWhatTheLastTargetSaidWhenAllFailed() {
        Dial<String> dial = scene.dial(A, B);
        scene.refuse(A);
        scene.fail(B, new NoRouteToHostException("No route to host"));
        DialException failure = (DialException) dial.outcome().cause();
        assertThat(failure.result()).isEqualTo(DialResult.UNREACHABLE);
        assertThat(failure).hasMessage(B + ":1: no route to it");
    }

    @Test
    void aTargetListedTwiceIsTriedOnce() {
        Dial<String> dial = scene.dial(A, A);
        scene.refuse(A);
        assertThat(dial.outcome().failed()).isTrue();
    }

    @Test
    void withoutTargetsItFailsAtOnce() {
        assertThat(scene.dial().outcome().cause()).hasMessage("the link has no target");
    }

    @Test
    void theNextAddressOfANameStartsAfter250Milliseconds() {
        scene.name("db.example.com", A, B, C);
        Dial<String> dial = scene.dial("db.example.com");
        scene.later(249);
        assertThat(scene.connects()).containsExactly(A);
        scene.later(1);
        assertThat(scene.connects()).containsExactly(B);
        scene.succeed(B);
        assertThat(dial.outcome().result().connection()).isEqualTo(B);
        scene.later(250);
        assertThat(scene.connects()).isEmpty();
        assertThat(scene.closed).containsExactly(A);
        assertThat(scene.races).isZero();
    }

    @Test
    void withoutRoomForARaceTheNextAddressWaits() {
        scene.mostRaces = 1;
        scene.name("db.example.com", A, B, C);
        scene.dial("db.example.com");
        scene.later(1_000);
        assertThat(scene.connects()).containsExactly(A, B);
        scene.refuse(A);
        assertThat(scene.connects()).containsExactly(C);
        scene.refuse(B);
        scene.refuse(C);
        assertThat(scene.races).isZero();
        assertThat(scene.attempted).containsExactly("db.example.com:1 REFUSED");
    }

    @Test
    void theNextAddressOfANameStartsAtOnceWhenOneFails() {
        scene.name("db.example.com", A, B, C);
        scene.dial("db.example.com");
        scene.later(100);
        scene.refuse(A);
        assertThat(scene.connects()).containsExactly(A, B);
        scene.later(249);
        assertThat(scene.connects()).isEmpty();
        scene.later(1);
        assertThat(scene.connects()).containsExactly(C);
    }

    @Test
    void theFirstAddressMayStillWin() {
        scene.name("db.example.com", A, B);
        Dial<String> dial = scene.dial("db.example.com");
        scene.later(250);
        scene.refuse(B);
        scene.later(1000);
        scene.succeed(A);
        assertThat(dial.outcome().result().connection()).isEqualTo(A);
    }

    @Test
    void familiesAlternate() {
        List<InetAddress> answered = DialFixture.addresses(A, B, C, "2001:db8::1");
        assertThat(HappyEyeballs.interleaved(answered))
                .containsExactlyElementsOf(DialFixture.addresses(A, "2001:db8::1", B, C));
    }

    @Test
    void theTimeoutIsForEachTargetAnew() {
        Dial<String> dial = scene.dial(A, B);
        scene.later(4999);
        assertThat(scene.connects()).containsExactly(A);
        scene.later(1);
        assertThat(scene.connects()).containsExactly(B);
        scene.later(4999);
        assertThat(dial.outcome().isComplete()).isFalse();
        scene.later(1);
        assertThat(dial.outcome().cause()).hasMessage(B + ":1: no connection within 5000 ms");
        assertThat(scene.attempted).containsExactly(A + ":1 TIMEOUT", B + ":1 TIMEOUT");
        assertThat(scene.closed).containsExactly(A, B);
    }

    @Test
    void theTimeoutIncludesResolving() {
        Promise<List<InetAddress>> resolving = Promise.promise();
        scene.name("db.example.com", resolving.future());
        scene.dial("db.example.com", B);
        scene.later(3000);
        resolving.complete(DialFixture.addresses(A));
        scene.later(1999);
        assertThat(scene.connects()).containsExactly(A);
        scene.later(1);
        assertThat(scene.connects()).containsExactly(B);
        assertThat(scene.closed).containsExactly(A);
    }

    @Test
    void aNameThatDoesNotResolveInTimeGivesWayToTheNextTarget() {
        Promise<List<InetAddress>> resolving = Promise.promise();
        scene.name("db.example.com", resolving.future());
        scene.dial("db.example.com", B);
        scene.later(5000);
        assertThat(scene.attempted).containsExactly("db.example.com:1 NAME_UNRESOLVED");
        resolving.complete(DialFixture.addresses(A));
        assertThat(scene.connects()).containsExactly(B);
    }

    @Test
    void aNameThatDoesNotExistGivesWayToTheNextTarget() {
        scene.name("db.example.com", Future.failedFuture(new UnresolvedException(Reason.NOT_FOUND, "no such name")));
        scene.dial("db.example.com", B);
        assertThat(scene.attempted).containsExactly("db.example.com:1 NAME_NOT_FOUND");
        assertThat(scene.connects()).containsExactly(B);
    }

    @Test
    void aNameIsToldUnreachableWhenEachOfItsAddressesFailed() {
        scene.name("db.example.com", A, B);
        scene.dial("db.example.com");
        scene.refuse(A);
        assertThat(scene.unreachable).isEmpty();
        scene.later(5000);
        assertThat(scene.unreachable).containsExactly("db.example.com 2");
    }

    @Test
    void aNameThatConnectsOrIsGivenUpIsNotToldUnreachable() {
        scene.name("db.example.com", A, B);
        scene.dial("db.example.com");
        scene.refuse(A);
        scene.succeed(B);
        scene.dial("db.example.com").cancel();
        assertThat(scene.unreachable).isEmpty();
    }

    @Test
    void itsOwnListenerIsNotDialled() {
        scene.own.add(A);
        Dial<String> dial = scene.dial(A);
        assertThat(((DialException) dial.outcome().cause()).result()).isEqualTo(DialResult.SELF);
        assertThat(scene.connects()).isEmpty();
    }

    @Test
    void ofANameOnlyTheAddressesThatAreNotItsOwnListenerAreDialled() {
        scene.own.add(A);
        scene.name("db.example.com", A, B);
        Dial<String> dial = scene.dial("db.example.com");
        assertThat(scene.connects()).containsExactly(B);
        scene.refuse(B);
        assertThat(dial.outcome().cause()).hasMessage("db.example.com:1 (" + B + "): connection refused");
    }

    @Test
    void cancellingClosesWhatIsUnderWay() {
        scene.name("db.example.com", A, B);
        Dial<String> dial = scene.dial("db.example.com", C);
        scene.later(250);
        dial.cancel();
        assertThat(((DialException) dial.outcome().cause()).result()).isEqualTo(DialResult.CANCELLED);
        assertThat(scene.closed).containsExactly(A, B);
        scene.later(60_000);
        assertThat(scene.connects()).containsExactly(A, B);
        assertThat(scene.attempted).containsExactly("db.example.com:1 CANCELLED");
        assertThat(scene.health.seen(DialFixture.targets("db.example.com").get(0)))
                .isEmpty();
    }

    @Test
    void cancellingAfterTheEndIsNothing() {
        Dial<String> dial = scene.dial(A);
        scene.succeed(A);
        dial.cancel();
        assertThat(dial.outcome().succeeded()).isTrue();
        assertThat(scene.discarded).isEmpty();
    }

    @Test
    void anErrorOfOurOwnFailsTheDialAlsoWhenNobodyWaitsForIt() {
        Promise<List<InetAddress>> name = Promise.promise();
        scene.name("redis", name.future());
        Dial<String> dial = scene.dial("redis", B);
        assertThat(dial.outcome().isComplete()).isFalse();
        name.complete(null);
        assertThat(dial.outcome().cause()).isInstanceOf(NullPointerException.class);
        scene.later(60_000);
        assertThat(scene.connects()).isEmpty();
    }
}
