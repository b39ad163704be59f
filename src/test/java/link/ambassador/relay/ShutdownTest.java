package link.ambassador.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import link.ambassador.ConcurrentTest;
import link.ambassador.relay.join.CloseReason;
import link.ambassador.relayspec.Downstream;
import link.ambassador.relayspec.Pair;

/** Contract point 6: the shutdown after SIGTERM. */
final class ShutdownTest {
    @ConcurrentTest
    void notReadyAtOnceAndStillAcceptingDuringTheShutdownDelay() throws Exception {
        try (TestRelay relay = start("2s", "10s")) {
            assertThat(isReady(relay)).isTrue();
            Future<Void> gone = relay.relay.shutdown();
            assertThat(isReady(relay)).isFalse();
            Pair late = relay.wire.open();
            late.pingPong();
            assertThat(gone.isComplete()).isFalse();

            late.downstream().expectFin();
            TestRelay.await(gone);
            assertThat(relay.closed(CloseReason.DRAINED)).isOne();
        }
    }

    @ConcurrentTest
    void aRequestUnderWayIsAnsweredAndThenItsConnectionEndsWithFin() throws Exception {
        try (TestRelay relay = start("0", "12s")) {
            Pair pair = relay.wire.open();
            pair.pingPong();
            pair.downstream().send("slow");
            pair.upstream().expectBytes("slow");
            Future<Void> gone = relay.relay.shutdown();
            pair.upstream().expectNothingFor(2_000);
            pair.upstream().send("answer");
            pair.downstream().expectBytes("answer");
            pair.downstream().expectFin();
            TestRelay.await(gone);
            assertThat(relay.closed(CloseReason.DRAINED)).isOne();
        }
    }

    @ConcurrentTest
    void idleConnectionsEndWithFinAndNewOnesAreRefused() throws Exception {
        try (TestRelay relay = start("0", "30s")) {
            List<Pair> idle = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                Pair pair = relay.wire.open();
                pair.pingPong();
                idle.add(pair);
            }
            long begin = System.nanoTime();
            Future<Void> gone = relay.relay.shutdown();
            for (Pair pair : idle) {
                pair.downstream().expectFin();
                pair.upstream().expectFin();
            }
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofMillis(2_500));
            TestRelay.await(gone);
            assertThatThrownBy(relay.wire::connect).isInstanceOf(IOException.class);
        }
    }

    @ConcurrentTest
    void whatIsStillBusyIsResetTwoSecondsBeforeTheGracePeriodEnds() throws Exception {
        try (TestRelay relay = start("0", "5s")) {
            Pair busy = relay.wire.open();
            long begin = System.nanoTime();
            Future<Void> gone = relay.relay.shutdown();
            busy.downstream().expectSendingToFail();
            TestRelay.await(gone);
            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .isBetween(Duration.ofMillis(2_900), Duration.ofMillis(4_000));
            assertThat(relay.closed(CloseReason.SHUTDOWN)).isOne();
        }
    }

    @ConcurrentTest
    void theBacklogIsAcceptedBeforeTheListenerCloses() throws Exception {
        try (TestRelay relay = start("0", "10s")) {
            relay.wire.listen();
            CountDownLatch busy = new CountDownLatch(1);
            CountDownLatch connected = new CountDownLatch(1);
            Future<Boolean> stalled = relay.relay.inspect(() -> {
                busy.countDown();
                try {
                    return connected.await(5, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(busy.await(5, TimeUnit.SECONDS)).isTrue();
            List<Downstream> crowd = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                Downstream downstream = relay.wire.connect();
                downstream.send("hello");
                crowd.add(downstream);
            }
            Future<Void> gone = relay.relay.shutdown();
            connected.countDown();
            assertThat(TestRelay.await(stalled)).isTrue();
            for (int i = 0; i < crowd.size(); i++) {
                var upstream = relay.wire.accept();
                upstream.expectBytes("hello");
                upstream.send("welcome");
            }
            for (Downstream downstream : crowd) {
                downstream.expectBytes("welcome");
            }
            for (Downstream downstream : crowd) {
                downstream.expectFin();
            }
            await().atMost(Duration.ofSeconds(5)).until(gone::isComplete);
        }
    }

    private static TestRelay start(String delay, String grace) throws IOException {
        return TestRelay.start(
                Map.of("AMBASSADOR_SHUTDOWN_DELAY", delay, "AMBASSADOR_GRACE_PERIOD", grace), link -> link);
    }

    private static boolean isReady(TestRelay relay) {
        return TestRelay.await(relay.relay.inspect(relay.relay::isReady));
    }
}
