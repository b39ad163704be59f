package link.ambassador.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import link.ambassador.config.Candidate;
import link.ambassador.config.Feature;
import link.ambassador.config.HealthCheck;
import link.ambassador.config.Hold;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.Preflight;
import link.ambassador.config.Target;
import link.ambassador.config.Trust;
import link.ambassador.config.UpstreamProxyProtocol;
import link.ambassador.config.UpstreamProxyProtocol.Version;
import link.ambassador.config.UpstreamTls;
import org.junit.jupiter.api.Test;

class AllPreflightTest {
    private static final AllPreflight ALL = new AllPreflight(Duration.ofSeconds(3), 100);
    private static final UpstreamTls TLS = new UpstreamTls(
            Trust.SYSTEM,
            Optional.empty(),
            List.of(),
            Optional.empty(),
            UpstreamTls.DEFAULT_NEGOTIATION,
            UpstreamTls.DEFAULT_MIN_VERSION);

    private static Link redis(String host) {
        return Link.of("redis", 6379, List.of(new Target(host, 6379)));
    }

    private static LinkTable table(Link... links) {
        return new LinkTable(Optional.of(DesiredTable.revision(List.of(links))), List.of(), List.of(links));
    }

    private static Link next(Link served, Link wanted) {
        return ALL.next(table(served), table(wanted), candidates -> false)
                .links()
                .get(0);
    }

    private static Link candidate(Link served, Link wanted) {
        return wanted.toBuilder()
                .targets(served.targets())
                .upstreamTls(served.upstreamTls())
                .upstreamProxyProtocol(served.upstreamProxyProtocol())
                .healthCheck(served.healthCheck())
                .failover(served.failover())
                .preflight(Optional.of(new Preflight(
                        Duration.ofSeconds(3),
                        Optional.of(new Candidate(
                                wanted.targets(), wanted.upstreamTls(), wanted.upstreamProxyProtocol())))))
                .build();
    }

    @Test
    void aNewTargetIsACandidateUntilEnoughRelaysReachIt() {
        LinkTable served = table(redis("a"));
        LinkTable wanted = table(redis("b"));

        LinkTable first = ALL.next(served, wanted, candidates -> false);
        assertThat(first.links()).containsExactly(candidate(redis("a"), redis("b")));
        assertThat(first.revision()).isNotEqualTo(served.revision()).isNotEqualTo(wanted.revision());
        assertThat(ALL.next(first, wanted, candidates -> false)).isEqualTo(first);
        assertThat(ALL.next(first, wanted, first::equals)).isEqualTo(wanted);
        assertThat(ALL.next(wanted, wanted, candidates -> false)).isEqualTo(wanted);
    }

    @Test
    void afterAnotherEditTheFormerTargetsAreStillThoseThatAreServed() {
        Link onItsWay = next(redis("a"), redis("b"));
        assertThat(next(onItsWay, redis("c"))).isEqualTo(candidate(redis("a"), redis("c")));
        assertThat(next(onItsWay, redis("a"))).isEqualTo(redis("a"));
    }

    @Test
    void tlsMovesWithTheTarget() {
        Link secured = redis("b").toBuilder().upstreamTls(Optional.of(TLS)).build();
        assertThat(next(redis("a"), secured)).isEqualTo(candidate(redis("a"), secured));
        assertThat(next(redis("b"), secured)).isEqualTo(candidate(redis("b"), secured));
        Link address = redis("10.0.0.1");
        assertThat(next(address, secured).targets()).isEqualTo(address.targets());
    }

    @Test
    void theHeaderAndTheHealthCheckMoveWithTheTarget() {
        Link other = Link.builder("redis", 6379, List.of(new Target("b", 6379), new Target("c", 6379)))
                .upstreamProxyProtocol(Optional.of(new UpstreamProxyProtocol(Version.V2, Set.of())))
                .healthCheck(Optional.of(HealthCheck.of(new HealthCheck.Tcp())))
                .build();
        Link first = next(redis("a"), other);
        assertThat(first).isEqualTo(candidate(redis("a"), other));
        assertThat(first.upstreamProxyProtocol()).isEmpty();
        assertThat(first.healthCheck()).isEmpty();
        assertThat(first.features()).contains(Feature.PROXY_OUT);
    }

    @Test
    void linksThatComeOrKeepTheirFirstTargetAreServedAtOnce() {
        Link appended = Link.of("redis", 6379, List.of(new Target("a", 6379), new Target("b", 6379)));
        assertThat(next(redis("a"), appended)).isEqualTo(appended);
        Link other = Link.of("db", 5432, List.of(new Target("pg", 5432)));
        assertThat(ALL.next(table(redis("a")), table(redis("b"), other), candidates -> false)
                        .links())
                .containsExactly(candidate(redis("a"), redis("b")), other);
    }

    @Test
    void aHoldThatTheSameEditEndsGoesOn() {
        Hold hold = Hold.of(Instant.parse("2026-11-30T15:20:00Z"), Duration.ofMinutes(1));
        Link held = redis("a").toBuilder().hold(Optional.of(hold)).build();
        assertThat(next(held, redis("b")).hold()).contains(hold);
        assertThat(next(held, redis("a")).hold()).isEmpty();
    }

    @Test
    void thePercentageIsOfTheRunningRelays() {
        AllPreflight most = new AllPreflight(Duration.ofSeconds(3), 90);
        assertThat(most.isEnough(9, 10)).isTrue();
        assertThat(most.isEnough(9, 11)).isFalse();
        assertThat(ALL.isEnough(40, 41)).isFalse();
        assertThat(ALL.isEnough(0, 0)).isTrue();
    }
}
