package link.ambassador.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import link.ambassador.ConcurrentTest;
import link.ambassador.config.Credential;
import link.ambassador.config.ExistingConnections;
import link.ambassador.config.Failover;
import link.ambassador.config.Failover.Failback;
import link.ambassador.config.HealthCheck;
import link.ambassador.config.HealthCheck.Probing;
import link.ambassador.config.Hold;
import link.ambassador.config.Link;
import link.ambassador.config.Preflight;
import link.ambassador.config.Target;
import link.ambassador.config.WhenUnavailable;
import link.ambassador.relay.dial.DialResult;
import link.ambassador.relay.join.CloseReason;
import link.ambassador.relayspec.BlackHole;
import link.ambassador.relayspec.Wire;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Links with a health check, on real sockets. */
final class FailoverTest {
    private static final HealthCheck.Check TCP = new HealthCheck.Tcp();
    private static final HealthCheck.Check PRIMARY = new HealthCheck.Http("/primary", List.of(200));
    private static final Duration INTERVAL = HealthCheck.MIN_INTERVAL;

    @TempDir
    Path credentials;

    private CheckedUpstream first;
    private CheckedUpstream second;
    private TestRelay relay;

    @BeforeEach
    void start() throws IOException {
        first = new CheckedUpstream("first");
        second = new CheckedUpstream("second");
    }

    @AfterEach
    void stop() {
        if (relay != null) {
            relay.close();
        }
        first.close();
        second.close();
    }

    @ConcurrentTest
    void atRestNothingIsProbed() throws Exception {
        serve(TCP, Probing.ON_FAILURE, Failback.IMMEDIATE, ExistingConnections.KEEP);
        for (int i = 0; i < 20; i++) {
            assertThat(ask()).isEqualTo("first");
        }
        await().during(Duration.ofSeconds(2)).until(() -> probes("ok") + probes("failed") == 0);
        assertThat(first.accepted.get()).isEqualTo(20);
        assertThat(second.accepted.get()).isZero();
    }

    @ConcurrentTest
    void aRoleIsCheckedOnceBeforeTheFirstConnectAndThenNotAgain() throws Exception {
        first.status = 503;
        serve(PRIMARY, Probing.ON_FAILURE, Failback.NEVER, ExistingConnections.KEEP);
        assertThat(first.accepted.get() + second.accepted.get()).isZero();
        assertThat(ask()).isEqualTo("second");
        assertThat(probes("ok")).isOne();
        first.status = 200;
        await().until(() -> health(first).getString("state").equals("healthy"));
        long probes = probes("ok") + probes("failed");
        await().during(Duration.ofSeconds(2)).until(() -> probes("ok") + probes("failed") == probes);
        assertThat(ask()).isEqualTo("second");
    }

    @ConcurrentTest
    void aDeadTargetIsLeftWithinTheSameConnectAndComesBackByAProbe() throws Exception {
        serve(TCP, Probing.ON_FAILURE, Failback.IMMEDIATE, ExistingConnections.KEEP);
        assertThat(ask()).isEqualTo("first");
        first.die();
        assertThat(ask()).isEqualTo("second");
        await().until(() -> health(first).getString("state").equals("unhealthy"));
        assertThat(health(first).getString("error")).contains("connection refused");
        assertThat(health(second).getBoolean("inUse")).isTrue();
        first.listen();
        await().until(() -> ask().equals("first"));
        assertThat(failovers()).isEqualTo(2);
        assertThat(metrics())
                .anyMatch(line -> line.startsWith("ambassador_target_healthy{") && line.endsWith(" 1.0"))
                .anyMatch(line -> line.startsWith("ambassador_failovers_total{") && line.endsWith(" 2.0"));
    }

    @ConcurrentTest
    void aChangeOfRolesMovesNewConnectionsAndNeverToAReplica() throws Exception {
        second.status = 503;
        serve(PRIMARY, Probing.ALWAYS, Failback.IMMEDIATE, ExistingConnections.KEEP);
        assertThat(ask()).isEqualTo("first");
        first.status = 503;
        await().until(() -> health(first).getString("state").equals("unhealthy"));
        assertReset();
        second.status = 200;
        await().until(() -> health(second).getString("state").equals("healthy"));
        assertThat(ask()).isEqualTo("second");
    }

    @ConcurrentTest
    void connectionsOfAnUnhealthyTargetAreResetWithClose() throws Exception {
        serve(PRIMARY, Probing.ALWAYS, Failback.IMMEDIATE, ExistingConnections.CLOSE);
        try (Socket downstream = connect()) {
            assertThat(CheckedUpstream.ask(downstream)).isEqualTo("first");
            first.status = 503;
            await().until(() -> relay.closed(CloseReason.FAILED_OVER), count -> count == 1);
        }
        assertThat(ask()).isEqualTo("second");
    }

    @ConcurrentTest
    void connectionsThatFailbackLeavesEndWhenIdleWithDrain() throws Exception {
        serve(TCP, Probing.ON_FAILURE, Failback.IMMEDIATE, ExistingConnections.DRAIN);
        first.die();
        try (Socket downstream = connect()) {
            assertThat(CheckedUpstream.ask(downstream)).isEqualTo("second");
            await().until(() -> health(first).getString("state").equals("unhealthy"));
            first.listen();
            assertThat(downstream.getInputStream().read()).as("a FIN").isNegative();
        }
        await().until(() -> relay.closed(CloseReason.DRAINED), count -> count == 1);
    }

    @ConcurrentTest
    void connectionsStayWithKeep() throws Exception {
        serve(TCP, Probing.ON_FAILURE, Failback.IMMEDIATE, ExistingConnections.KEEP);
        first.die();
        try (Socket downstream = connect()) {
            assertThat(CheckedUpstream.ask(downstream)).isEqualTo("second");
            await().until(() -> health(first).getString("state").equals("unhealthy"));
            first.listen();
            await().until(() -> ask().equals("first"));
            assertThat(CheckedUpstream.ask(downstream)).isEqualTo("second");
        }
    }

    @ConcurrentTest
    void aTargetThatAcceptsAndEndsIsLeftAfterThreeConnections() throws Exception {
        for (CheckedUpstream.Mood mood : List.of(CheckedUpstream.Mood.ENDS, CheckedUpstream.Mood.RESETS)) {
            first.mood = mood;
            serve(TCP, Probing.ON_FAILURE, Failback.IMMEDIATE, ExistingConnections.KEEP);
            int lost = 0;
            while (lost < 10 && !answers()) {
                lost++;
            }
            assertThat(lost).as(mood.name()).isLessThanOrEqualTo(3);
            await().during(Duration.ofSeconds(2)).until(() -> ask().equals("second"));
            first.mood = CheckedUpstream.Mood.ANSWERS;
            await().until(() -> ask().equals("first"));
            relay.close();
            relay = null;
        }
    }

    @ConcurrentTest
    void twoRelaysInARowFailOver() throws Exception {
        try (CheckedUpstream dead = CheckedUpstream.notListening("dead");
                TestRelay far =
                        TestRelay.start(Map.of(), link -> link.toBuilder().build())) {
            assertThat(dead.accepted.get()).isZero();
            serve(TCP, Probing.ON_FAILURE, Failback.IMMEDIATE, ExistingConnections.KEEP, far.address, second.address);
            int lost = 0;
            while (lost < 10 && !answers()) {
                lost++;
            }
            assertThat(lost).isLessThanOrEqualTo(3);
            await().during(Duration.ofSeconds(2)).until(() -> ask().equals("second"));
        }
    }

    @ConcurrentTest
    void aCheckThatHangsFailsAtItsTimeout() throws Exception {
        first.mood = CheckedUpstream.Mood.HANGS;
        serve(PRIMARY, Probing.ON_FAILURE, Failback.IMMEDIATE, ExistingConnections.KEEP);
        assertThat(ask()).isEqualTo("second");
        assertThat(health(first).getString("error")).contains("no whole answer to the health check in time");
    }

    @ConcurrentTest
    void aTargetThatAcceptsSlowlyStaysInUse() throws Exception {
        first.mood = CheckedUpstream.Mood.ACCEPTS_SLOWLY;
        serve(PRIMARY, Probing.ALWAYS, Failback.IMMEDIATE, ExistingConnections.KEEP);
        for (int i = 0; i < 8; i++) {
            assertThat(ask()).isEqualTo("first");
        }
        await().until(() -> probes("ok") >= 6);
        assertThat(probes("failed")).isZero();
        assertThat(failovers()).isZero();
    }

    @ConcurrentTest
    void aSilentTargetCostsOneConnectionItsTimeout() throws Exception {
        InetSocketAddress silent = TestRelay.freeAddress();
        try (Wire wire = new Wire(silent, silent);
                BlackHole hole = wire.blackHole()) {
            assertThat(hole).isNotNull();
            serve(TCP, Probing.ON_FAILURE, Failback.IMMEDIATE, ExistingConnections.KEEP, silent, second.address);
            relay.apply(relay.see(link -> link.link()).toBuilder()
                    .connectTimeout(Duration.ofSeconds(1))
                    .build());
            for (int i = 0; i < 50; i++) {
                assertThat(ask()).isEqualTo("second");
            }
            assertThat(relay.dials(DialResult.TIMEOUT)).isOne();
            await().until(() -> probes("failed") >= 2);
            assertThat(ask()).isEqualTo("second");
            assertThat(relay.dials(DialResult.TIMEOUT)).isOne();
        }
    }

    @ConcurrentTest
    void noConnectFailsWhileATargetComesAndGoesTenTimesASecond() throws Exception {
        serve(TCP, Probing.ON_FAILURE, Failback.IMMEDIATE, ExistingConnections.KEEP);
        for (int flap = 0; flap < 20; flap++) {
            first.die();
            for (int i = 0; i < 10; i++) {
                assertThat(ask()).isEqualTo("second");
            }
            first.listen();
            for (int i = 0; i < 10; i++) {
                assertThat(ask()).isIn("first", "second");
            }
        }
        assertThat(relay.closed(CloseReason.CONNECT_FAILED)).isZero();
    }

    @ConcurrentTest
    void heldConnectionsGoToTheHealthyTargetWhenTheHoldEnds() throws Exception {
        second.status = 503;
        serve(PRIMARY, Probing.ALWAYS, Failback.IMMEDIATE, ExistingConnections.KEEP);
        assertThat(ask()).isEqualTo("first");
        Link link = relay.see(each -> each.link());
        relay.apply(link.toBuilder()
                .hold(Optional.of(Hold.of(Instant.now(), Duration.ofMinutes(1))))
                .build());
        try (Socket downstream = connect()) {
            await().until(relay::held, held -> held == 1);
            first.status = 503;
            second.status = 200;
            await().until(() -> health(second).getBoolean("inUse"));
            relay.apply(link);
            assertThat(CheckedUpstream.ask(downstream)).isEqualTo("second");
        }
    }

    @ConcurrentTest
    void withoutAHealthyTargetAConnectionWaitsIfTheLinkSaysSo() throws Exception {
        first.status = 503;
        second.status = 503;
        serve(PRIMARY, Probing.ON_FAILURE, Failback.IMMEDIATE, ExistingConnections.KEEP);
        assertReset();
        relay.apply(relay.see(link -> link.link()).toBuilder()
                .whenUnavailable(WhenUnavailable.hold(Duration.ofMinutes(1)))
                .build());
        try (Socket downstream = connect()) {
            await().until(() -> relay.see(link -> link.retrying()), retrying -> retrying == 1);
            second.status = 200;
            assertThat(CheckedUpstream.ask(downstream)).isEqualTo("second");
        }
    }

    @ConcurrentTest
    void anExchangeSendsItsCredentialFromAFile() throws Exception {
        HealthCheck.Check check = new HealthCheck.Exchange(
                List.of(new HealthCheck.Step("AUTH " + HealthCheck.Exchange.PLACEHOLDER + "\n", "second")),
                Credential.parse("redis-auth/password"));
        serve(check, Probing.ON_FAILURE, Failback.IMMEDIATE, ExistingConnections.KEEP);
        assertReset();
        assertThat(health(second).getString("error"))
                .isEqualTo("cannot read the credential redis-auth/password: its file is missing");
        Files.createDirectories(credentials.resolve("redis-auth"));
        Files.writeString(credentials.resolve("redis-auth/password"), "s3cret\n");
        await().until(this::answers);
        assertThat(ask()).isEqualTo("second");
        assertThat(health(first).getString("error"))
                .contains("step 1 of the health check")
                .doesNotContain("s3cret");
    }

    @ConcurrentTest
    void aTableWithoutTheCheckEndsItsProbes() throws Exception {
        serve(PRIMARY, Probing.ALWAYS, Failback.IMMEDIATE, ExistingConnections.KEEP);
        await().until(() -> probes("ok") >= 2);
        relay.apply(relay.see(link -> link.link()).toBuilder()
                .healthCheck(Optional.empty())
                .failover(Optional.empty())
                .build());
        assertThat(health(first)).isNull();
        int accepted = second.accepted.get();
        await().during(Duration.ofSeconds(2)).until(() -> second.accepted.get() == accepted);
        assertThat(ask()).isEqualTo("first");
    }

    @ConcurrentTest
    void aLinkWithWeightsCanBeRetargetedWithAPreflight() throws Exception {
        serve(TCP, Probing.ON_FAILURE, Failback.IMMEDIATE, ExistingConnections.KEEP);
        Failover weighted = new Failover(
                Failover.Selection.WEIGHTED,
                List.of(1, 0),
                Failback.IMMEDIATE,
                ExistingConnections.KEEP,
                Failover.WhenNoneHealthy.TRY_ALL);
        Link both = relay.see(link -> link.link()).toBuilder()
                .failover(Optional.of(weighted))
                .build();
        relay.apply(both);
        assertThat(ask()).isEqualTo("first");
        relay.apply(both.toBuilder()
                .targets(List.of(new Target("127.0.0.1", second.address.getPort())))
                .failover(Optional.empty())
                .preflight(Optional.of(Preflight.ofOwnTargets(Duration.ofSeconds(10))))
                .build());
        await().until(() -> ask().equals("second"));
    }

    @ConcurrentTest
    void aConnectionThatWaitsForAProbeGoesOnWhenTheTableHasNoCheckAnyLonger() throws Exception {
        first.mood = CheckedUpstream.Mood.HANGS;
        second.mood = CheckedUpstream.Mood.HANGS;
        serve(PRIMARY, Probing.ON_FAILURE, Failback.IMMEDIATE, ExistingConnections.KEEP);
        Link link = relay.see(each -> each.link());
        HealthCheck patient = new HealthCheck(
                PRIMARY, OptionalInt.empty(), Probing.ON_FAILURE, INTERVAL, Duration.ofMinutes(1), 2, 1);
        relay.apply(link.toBuilder()
                .connectTimeout(Duration.ofMinutes(1))
                .healthCheck(Optional.of(patient))
                .build());
        try (Socket downstream = connect()) {
            await().until(() -> first.accepted.get() == 1);
            first.mood = CheckedUpstream.Mood.ANSWERS;
            relay.apply(link.toBuilder()
                    .healthCheck(Optional.empty())
                    .failover(Optional.empty())
                    .build());
            assertThat(CheckedUpstream.ask(downstream)).isEqualTo("first");
        }
    }

    private void serve(
            HealthCheck.Check check, Probing probing, Failback failback, ExistingConnections existingConnections) {
        serve(check, probing, failback, existingConnections, first.address, second.address);
    }

    private void serve(
            HealthCheck.Check check,
            Probing probing,
            Failback failback,
            ExistingConnections existingConnections,
            InetSocketAddress... targets) {
        relay = TestRelay.start(Map.of("AMBASSADOR_TLS_DIRECTORY", credentials.toString()), link -> Link.builder(
                        link.alias(),
                        link.listen(),
                        Stream.of(targets)
                                .map(address -> new Target("127.0.0.1", address.getPort()))
                                .toList())
                .healthCheck(Optional.of(new HealthCheck(
                        check,
                        OptionalInt.empty(),
                        probing,
                        INTERVAL,
                        HealthCheck.DEFAULT_TIMEOUT,
                        HealthCheck.DEFAULT_UNHEALTHY_THRESHOLD,
                        HealthCheck.DEFAULT_HEALTHY_THRESHOLD)))
                .failover(Optional.of(new Failover(
                        Failover.DEFAULT_SELECTION,
                        List.of(),
                        failback,
                        existingConnections,
                        Failover.WhenNoneHealthy.defaultFor(check))))
                .build());
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.setSoTimeout(20_000);
        socket.connect(relay.address, 5_000);
        return socket;
    }

    private String ask() throws IOException {
        return CheckedUpstream.ask(relay.address);
    }

    private boolean answers() {
        try {
            ask();
            return true;
        } catch (IOException reset) {
            return false;
        }
    }

    private void assertReset() {
        assertThat(answers()).isFalse();
        await().until(() -> relay.closed(CloseReason.CONNECT_FAILED) > 0);
    }

    private JsonObject health(CheckedUpstream upstream) {
        return link().getJsonArray("targets").stream()
                .map(JsonObject.class::cast)
                .filter(target -> target.getInteger("port") == upstream.address.getPort())
                .findFirst()
                .orElseThrow()
                .getJsonObject("health");
    }

    private JsonObject link() {
        return relay.links().getJsonArray("links").getJsonObject(0);
    }

    private long failovers() {
        return link().getLong("failovers");
    }

    private Stream<String> metrics() {
        return relay.metrics().lines();
    }

    private long probes(String result) {
        return metrics()
                .filter(line -> line.startsWith("ambassador_health_checks_total{"))
                .filter(line -> line.contains("result=\"" + result + '"'))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
