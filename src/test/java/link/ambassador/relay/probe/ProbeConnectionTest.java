package link.ambassador.relay.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;
import link.ambassador.config.HealthCheck;
import link.ambassador.config.Target;
import link.ambassador.relay.watch.ExpectedWarning;
import org.junit.jupiter.api.Test;

/** How a probe ends. */
final class ProbeConnectionTest {
    private static final long NO_TIMER = -1;

    @Test
    @ExpectedWarning("ended a health check of .* because of an error")
    void anErrorLeavesNoTimer() {
        // It lacks the handler that each connection of the relay has.
        EmbeddedChannel channel = new EmbeddedChannel();
        Dialogue dialogue = Dialogue.of(new HealthCheck.Tcp(), new Target("db", 1), Optional.empty());

        Future<Optional<ProbeFailure>> probe =
                ProbeConnection.run(channel, dialogue, Duration.ofMinutes(1).toNanos());

        assertThat(probe.result()).contains(new ProbeFailure("an error in the relay, which it logged", false));
        assertThat(channel.runScheduledPendingTasks()).isEqualTo(NO_TIMER);
    }
}
