package link.ambassador.relay;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.Map;
import link.ambassador.relayspec.Pair;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Targets that accept connections and end them before they have sent a byte: their dials succeeded, and still nobody was served. */
class UnansweredTest {
    @ParameterizedTest
    @ValueSource(strings = {"epoll", "nio"})
    void aResetOrAFinBeforeTheFirstByteCounts(String transport) throws Exception {
        try (TestRelay relay = start(transport)) {
            Pair first = connected(relay);
            first.upstream().reset();
            first.downstream().expectReset();
            Pair second = connected(relay);
            second.downstream().send("hello");
            second.upstream().expectBytes("hello");
            second.upstream().reset();
            second.downstream().expectReset();
            Pair third = connected(relay);
            third.upstream().shutdownOutput();
            third.downstream().expectFin();

            awaitUnanswered(relay, 3);
            assertThat(dials(relay).getInteger("ok")).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "nio"})
    void aConnectionThatWasAnsweredOrThatTheDownstreamEndedDoesNotCount(String transport) throws Exception {
        try (TestRelay relay = start(transport)) {
            Pair answered = connected(relay);
            answered.upstream().send("hello");
            answered.downstream().expectBytes("hello");
            answered.upstream().reset();
            answered.downstream().expectReset();
            Pair probed = connected(relay);
            probed.downstream().shutdownOutput();
            probed.upstream().expectFin();
            probed.upstream().shutdownOutput();
            probed.downstream().expectFin();
            Pair leftAlone = connected(relay);
            leftAlone.downstream().reset();
            leftAlone.upstream().expectReset();
            // Those before it were handled when this one is counted.
            Pair last = connected(relay);
            last.upstream().reset();
            last.downstream().expectReset();

            awaitUnanswered(relay, 1);
            await().atMost(10, SECONDS).until(() -> relay.open() == 0);
            assertThat(dials(relay).getInteger("unanswered")).isEqualTo(1);
        }
    }

    private static TestRelay start(String transport) {
        return TestRelay.start(Map.of("AMBASSADOR_TRANSPORT", transport), link -> link);
    }

    /** Not one that the target ends before the relay has seen its connect: that is a dial that failed. */
    private static Pair connected(TestRelay relay) throws IOException {
        int before = dials(relay).getInteger("ok");
        Pair pair = relay.wire.open();
        await().atMost(10, SECONDS).until(() -> dials(relay).getInteger("ok") > before);
        return pair;
    }

    private static void awaitUnanswered(TestRelay relay, int count) {
        await().atMost(10, SECONDS).untilAsserted(() -> assertThat(dials(relay).getInteger("unanswered"))
                .isEqualTo(count));
    }

    private static JsonObject dials(TestRelay relay) {
        return relay.links()
                .getJsonArray("links")
                .getJsonObject(0)
                .getJsonArray("targets")
                .getJsonObject(0)
                .getJsonObject("dials");
    }
}
