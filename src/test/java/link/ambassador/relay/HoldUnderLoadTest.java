package link.ambassador.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import link.ambassador.config.ExistingConnections;
import link.ambassador.config.Hold;
import link.ambassador.config.Link;
import link.ambassador.config.WhenUnavailable;
import link.ambassador.relay.join.CloseReason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An upstream ends and another one takes over, while clients connect as fast as they can. No client may notice it. */
final class HoldUnderLoadTest {
    private static final int ROUNDS = 4;
    private static final int CONNECTING = 8;
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private StampingUpstream upstream;
    private TestRelay relay;

    @BeforeEach
    void start() throws Exception {
        upstream = new StampingUpstream('a');
        relay = TestRelay.start(Map.of(), TestRelay.freeAddress(), upstream.address(), link -> link);
    }

    @AfterEach
    void stop() throws Exception {
        relay.close();
        upstream.close();
    }

    @Test
    void noConnectFailsWhenTheUpstreamIsReplacedDuringAHold() throws Exception {
        StampedLoad load = new StampedLoad(relay.address, CONNECTING, 0, false);
        try (load) {
            for (int round = 0; round < ROUNDS; round++) {
                awaitAnswers(load);
                relay.apply(link(upstream.address()).toBuilder()
                        .hold(Optional.of(Hold.of(Instant.now(), MINUTE)))
                        .build());
                await().until(relay::held, held -> held == CONNECTING);
                await().until(upstream::isIdle);
                upstream.close();
                upstream = new StampingUpstream((char) ('b' + round));
                relay.apply(link(upstream.address()));
            }
            awaitAnswers(load);
        }
        assertNothingFailed(load);
        assertThat(relay.hold().getLong("overflow")).isZero();
    }

    @Test
    void noConnectFailsWhenTheUpstreamIsAwayForAMoment() throws Exception {
        InetSocketAddress address = upstream.address();
        Link patient = link(address).toBuilder()
                .whenUnavailable(WhenUnavailable.hold(MINUTE))
                .build();
        relay.apply(patient);
        StampedLoad load = new StampedLoad(relay.address, CONNECTING, 0, false);
        try (load) {
            for (int round = 0; round < ROUNDS; round++) {
                awaitAnswers(load);
                // Only so that no request is under way when the upstream ends.
                relay.apply(patient.toBuilder()
                        .hold(Optional.of(Hold.of(Instant.now(), MINUTE)))
                        .build());
                await().until(relay::held, held -> held == CONNECTING);
                await().until(upstream::isIdle);
                upstream.close();
                relay.apply(patient);
                await().until(() -> relay.<Integer>see(link -> link.retrying()), retrying -> retrying == CONNECTING);
                upstream = new StampingUpstream((char) ('b' + round), address);
            }
            awaitAnswers(load);
        }
        assertNothingFailed(load);
    }

    private void assertNothingFailed(StampedLoad load) {
        await().until(relay::open, open -> open == 0);
        assertThat(load.failures()).isEmpty();
        assertThat(relay.<Map<CloseReason, Long>>see(
                        link -> Map.copyOf(link.counters().closedByReason())))
                .containsOnlyKeys(CloseReason.COMPLETED);
        System.out.println(ROUNDS + " upstreams: " + load.connections() + " connections, " + load.answers()
                + " answers, none failed");
    }

    private static void awaitAnswers(StampedLoad load) {
        long before = load.answers();
        await().until(() -> load.answers() > before + 100);
    }

    private Link link(InetSocketAddress target) {
        return relay.link(ExistingConnections.KEEP, MINUTE, target);
    }
}
