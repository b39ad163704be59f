package link.ambassador.relay.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.vertx.core.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
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
    private static final Target OTHER = new Target("127.0.0.1", 5433);
    private static final HealthCheck CHECK = new HealthCheck(
            new HealthCheck.Tcp(),
            OptionalInt.empty(),
            HealthCheck.Probing.ALWAYS,
            Duration.ofMinutes(1),
            Duration.ofSeconds(1),
            1,
            1);

    private static final HealthCheck PRIMARY = new HealthCheck(
            new HealthCheck.Http("/primary", List.of(200)),
            OptionalInt.empty(),
            HealthCheck.Probing.ALWAYS,
            Duration.ofMinutes(1),
            Duration.ofSeconds(1),
            3,
            1);

    private final EmbeddedChannel time = new EmbeddedChannel();
    private CheckedTargets targets;
    private int descriptorsInUse;

    @Test
    @ExpectedWarning("an error in the relay ended a health check of 127.0.0.1:5432")
    void anErrorFailsItsProbeAndTheNextOneComes() {
        Prober prober = prober(CHECK, new Broken());

        prober.update();
        long untilTheNext = time.runScheduledPendingTasks();

        assertThat(targets.snapshot(TARGET).orElseThrow().state()).isEqualTo(CheckedTarget.State.UNHEALTHY);
        assertThat(targets.snapshot(TARGET).orElseThrow().error())
                .isEqualTo("127.0.0.1:5432: an error in the relay, which it logged");
        assertThat(prober.counts()).isEqualTo(new Prober.Counts(0, 1));
        assertThat(descriptorsInUse).isZero();
        assertThat(untilTheNext).isPositive();
    }

    /** Roles were swapped: the second failure need not wait for an interval. */
    @Test
    void aTargetThatGaveAnotherAnswerIsSoonAskedAgain() {
        Answering server = new Answering();
        prober(PRIMARY, server).update();
        time.runScheduledPendingTasks();
        assertThat(server.probes).isEqualTo(1);
        assertThat(targets.snapshot(TARGET).orElseThrow().state()).isEqualTo(CheckedTarget.State.HEALTHY);

        server.status = 503;
        nextProbe();
        Duration untilTheSecond = nextProbe();
        assertThat(untilTheSecond).isLessThan(Duration.ofSeconds(15));
        Duration untilTheThird = nextProbe();
        assertThat(untilTheThird).isLessThan(Duration.ofSeconds(15));
        assertThat(targets.snapshot(TARGET).orElseThrow().state()).isEqualTo(CheckedTarget.State.UNHEALTHY);

        assertThat(nextProbe()).as("it is unhealthy").isGreaterThan(Duration.ofSeconds(47));
        assertThat(server.probes).isEqualTo(5);
    }

    /** So that connections find it before the former one is unhealthy. */
    @Test
    void theOtherTargetIsSoonAskedToo() {
        Answering server = new Answering();
        server.statusOfOther = 503;
        prober(PRIMARY, server, TARGET, OTHER).update();
        time.runScheduledPendingTasks();
        untilProbeOf(OTHER, server);

        server.status = 503;
        untilProbeOf(TARGET, server);
        server.statusOfOther = 200;
        assertThat(untilProbeOf(OTHER, server)).isLessThan(Duration.ofSeconds(15));
        assertThat(targets.snapshot(OTHER).orElseThrow().state()).isEqualTo(CheckedTarget.State.HEALTHY);
    }

    private Duration untilProbeOf(Target target, Answering server) {
        Duration until = Duration.ZERO;
        do {
            until = until.plus(nextProbe());
        } while (server.probed != target.port());
        return until;
    }

    @Test
    void aTargetThatDoesNotAnswerIsAskedAgainAfterAnInterval() {
        Answering server = new Answering();
        prober(PRIMARY, server).update();
        time.runScheduledPendingTasks();

        server.status = Answering.NONE;
        nextProbe();
        assertThat(nextProbe()).isGreaterThan(Duration.ofSeconds(47));
        assertThat(targets.isDoubted(TARGET)).isTrue();
    }

    private Prober prober(HealthCheck check, Connector connector) {
        return prober(check, connector, TARGET);
    }

    private Prober prober(HealthCheck check, Connector connector, Target... of) {
        targets = new CheckedTargets(
                Link.builder("db", 5432, List.of(of))
                        .healthCheck(Optional.of(check))
                        .failover(Optional.of(Failover.of(check.check())))
                        .build(),
                System::nanoTime,
                bound -> 0,
                () -> 0,
                new Nobody());
        return new Prober(
                time.eventLoop(),
                check,
                targets,
                dialsBy(connector),
                new Descriptors(),
                new CredentialFiles(Runnable::run, Runnable::run, Path.of("/")));
    }

    /** Lets the time of the next probe come; returns how far away it was. */
    private Duration nextProbe() {
        Duration until = Duration.ofNanos(time.runScheduledPendingTasks());
        time.advanceTimeBy(until.toNanos(), TimeUnit.NANOSECONDS);
        time.runScheduledPendingTasks();
        return until;
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

    /** Connects to servers that answer each request with one status, or end the connection. */
    private static final class Answering implements Connector {
        private static final int NONE = 0;
        private int status = 200;
        private int statusOfOther = 200;
        private int probes;
        private int probed;

        @Override
        public Future<Channel> connect(InetSocketAddress address, Connector.Attempt attempt) {
            probes++;
            probed = address.getPort();
            int answered = probed == TARGET.port() ? status : statusOfOther;
            EmbeddedChannel connection = new EmbeddedChannel();
            connection.pipeline().addLast("handler", new ChannelInboundHandlerAdapter());
            connection.pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
                @Override
                public void read(ChannelHandlerContext context) {
                    if (answered == NONE) {
                        context.close();
                    } else {
                        String answer = "HTTP/1.1 " + answered + " \r\n";
                        context.fireChannelRead(ByteBufUtil.writeUtf8(context.alloc(), answer));
                    }
                }
            });
            return Future.succeededFuture(connection);
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
