package link.ambassador.relay;

import static link.ambassador.config.ExistingConnections.KEEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import link.ambassador.ConcurrentTest;
import link.ambassador.config.Hold;
import link.ambassador.config.Link;
import link.ambassador.config.WhenUnavailable;
import link.ambassador.relay.dial.DialResult;
import link.ambassador.relay.join.CloseReason;
import link.ambassador.relay.proxy.LinkSnapshot;
import link.ambassador.relayspec.Downstream;
import link.ambassador.relayspec.Upstream;
import link.ambassador.relayspec.Wire;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Connections of a link that holds them when every target has failed. */
final class WhenUnavailableTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    private TestRelay relay;

    @BeforeEach
    void start() {
        relay = TestRelay.start(Map.of(), link -> link.toBuilder()
                .whenUnavailable(WhenUnavailable.hold(LONG))
                .build());
    }

    @AfterEach
    void stop() {
        relay.close();
    }

    @ConcurrentTest
    void aConnectionWaitsUntilATargetListens() throws Exception {
        Downstream downstream = connectRetrying();
        downstream.send("early");
        await().until(() -> relay.dials(DialResult.REFUSED), refused -> refused >= 3);
        assertThat(relay.links()
                        .getJsonArray("links")
                        .getJsonObject(0)
                        .getJsonObject("connections")
                        .getMap())
                .containsEntry("open", 1)
                .containsEntry("retrying", 1)
                .containsEntry("held", 0);
        assertThat(relay.metrics()).contains("ambassador_connections_retrying{alias=\"up\"");
        relay.wire.listen();
        Upstream upstream = relay.wire.accept();
        upstream.expectBytes("early");
        upstream.send("answer");
        downstream.expectBytes("answer");
        assertThat(retrying()).isZero();
    }

    @ConcurrentTest
    void afterItsTimeoutItIsReset() throws Exception {
        relay.apply(link(WhenUnavailable.hold(Duration.ofMillis(500))));
        relay.wire.connect().expectReset();
        await().until(() -> relay.closed(CloseReason.CONNECT_FAILED), count -> count == 1);
        assertThat(retrying()).isZero();
    }

    @ConcurrentTest
    void withoutItAConnectionIsResetAtOnce() throws Exception {
        relay.apply(link(WhenUnavailable.REFUSE));
        relay.wire.connect().expectReset();
        assertThat(relay.dials(DialResult.REFUSED)).isOne();
    }

    @ConcurrentTest
    void anyTargetThatListensServes() throws Exception {
        InetSocketAddress second = TestRelay.freeAddress();
        relay.apply(relay.link(KEEP, LONG, relay.target, second).toBuilder()
                .whenUnavailable(WhenUnavailable.hold(LONG))
                .build());
        connectRetrying().send("early");
        try (Wire onSecond = new Wire(relay.address, second)) {
            onSecond.listen();
            onSecond.accept().expectBytes("early");
        }
    }

    @ConcurrentTest
    void aRetargetIsDialledAtOnce() throws Exception {
        InetSocketAddress b = TestRelay.freeAddress();
        try (Wire onB = new Wire(relay.address, b)) {
            onB.listen();
            connectRetrying().send("early");
            relay.apply(relay.link(KEEP, LONG, b));
            onB.accept().expectBytes("early");
        }
    }

    @ConcurrentTest
    void aConsumerThatGivesUpIsNotDialledForAnyLonger() throws Exception {
        connectRetrying().reset();
        await().until(relay::open, open -> open == 0);
        assertThat(retrying()).isZero();
        assertThat(relay.closed(CloseReason.DOWNSTREAM_RESET)).isOne();
    }

    @ConcurrentTest
    void aHoldTakesItOverAndReleasesItToItsTarget() throws Exception {
        Downstream downstream = connectRetrying();
        downstream.send("early");
        relay.apply(link(WhenUnavailable.hold(LONG)).toBuilder()
                .hold(Optional.of(Hold.of(Instant.now(), LONG)))
                .build());
        await().until(relay::held, held -> held == 1);
        assertThat(retrying()).isZero();
        relay.wire.listen();
        relay.apply(link(WhenUnavailable.hold(LONG)));
        relay.wire.accept().expectBytes("early");
    }

    private Downstream connectRetrying() throws IOException {
        Downstream downstream = relay.wire.connect();
        await().until(this::retrying, retrying -> retrying == 1);
        return downstream;
    }

    private int retrying() {
        return relay.see(LinkSnapshot::retrying);
    }

    private Link link(WhenUnavailable whenUnavailable) {
        return relay.link(KEEP, LONG, relay.target).toBuilder()
                .whenUnavailable(whenUnavailable)
                .build();
    }
}
