package link.ambassador.relay.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import io.vertx.core.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import link.ambassador.config.Failover;
import link.ambassador.config.HealthCheck;
import link.ambassador.config.Link;
import link.ambassador.config.Target;
import link.ambassador.relay.dial.CheckedTarget;
import link.ambassador.relay.dial.CheckedTargets;
import link.ambassador.relay.dial.Connector;
import link.ambassador.relay.dial.Dials;
import link.ambassador.relay.dial.TargetHealth;
import link.ambassador.relay.dns.Resolver;
import link.ambassador.relay.watch.ExpectedWarning;
import org.junit.jupiter.api.Test;

/** When targets are probed, and what an error in the relay does to that. */
final class ProberTest {
    private static final Target TARGET = new Target("127.0.0.1", 5432);
    private static final HealthCheck CHECK = new HealthCheck(
            new HealthCheck.Tcp(),
            OptionalInt.empty(),
            HealthCheck.Probing.ALWAYS,
            Duration.ofMinutes(1),
            Duration.ofSeconds(1),
            1,
            1);

    private final EmbeddedChannel time = new EmbeddedChannel();
    private int descriptorsInUse;

    @Test
    @ExpectedWarning("an error in the relay ended a health check of 127.0.0.1:5432")
    void anErrorFailsItsProbeAndTheNextOneComes() {
        CheckedTargets targets = new CheckedTargets(
                Link.builder("db", 5432, List.of(TARGET))
                        .healthCheck(Optional.of(CHECK))
                        .failover(Optional.of(Failover.of(CHECK.check())))
                        .build(),
                System::nanoTime,
                bound -> 0,
                () -> 0,
                new Nobody());
        Prober prober = new Prober(
                time.eventLoop(),
                CHECK,
                targets,
                dialsBy(new Broken()),
                new Descriptors(),
                new CredentialFiles(Runnable::run, Runnable::run, Path.of("/")));

        prober.update();
        long untilTheNext = time.runScheduledPendingTasks();

        assertThat(targets.snapshot(TARGET).orElseThrow().state()).isEqualTo(CheckedTarget.State.UNHEALTHY);
        assertThat(targets.snapshot(TARGET).orElseThrow().error())
                .isEqualTo("127.0.0.1:5432: an error in the relay, which it logged");
        assertThat(prober.counts()).isEqualTo(new Prober.Counts(0, 1));
        assertThat(descriptorsInUse).isZero();
        assertThat(untilTheNext).isPositive();
    }

    private Dials dialsBy(Connector connector) {
        return new Dials(
                time.eventLoop(),
                new Literals(),
                connector,
                new TargetHealth(),
                address -> false,
                (target, result) -> {},
                change -> {});
    }

    private static final class Literals implements Resolver {
        @Override
        public Future<List<InetAddress>> resolve(String host) {
            return Future.succeededFuture(List.of(InetAddress.getLoopbackAddress()));
        }

        @Override
        public void unreachable(String host, List<InetAddress> addresses) {}
    }

    /** Fails as nothing should, and without a message. */
    private static final class Broken implements Connector {
        @Override
        public Future<Channel> connect(InetSocketAddress address, Connector.Attempt attempt) {
            throw new IllegalStateException();
        }

        @Override
        public void discard(Channel connection) {}
    }

    private static final class Nobody implements CheckedTargets.Listener {
        @Override
        public void changed() {}

        @Override
        public void left(Target target, String why) {}
    }

    private final class Descriptors implements Prober.Descriptors {
        @Override
        public boolean acquire() {
            descriptorsInUse++;
            return true;
        }

        @Override
        public void release() {
            descriptorsInUse--;
        }
    }
}
