package link.ambassador.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import link.ambassador.config.ExistingConnections;
import link.ambassador.config.LinkTable;
import link.ambassador.relay.join.CloseReason;
import link.ambassador.relay.proxy.LinkSnapshot;
import link.ambassador.relay.table.TableApplier;
import link.ambassador.relay.table.TableFileWatcher;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The file is replaced again and again while clients connect as fast as they can and 50 hold connections. The long
 * form: {@code ./mvnw test -Dtest=RetargetUnderLoadTest -DargLine="-Dretargets=10000 -Dchurn.seconds=1200"}.
 */
final class RetargetUnderLoadTest {
    private static final int RETARGETS = Integer.getInteger("retargets", 200);
    private static final Duration CHURN = Duration.ofSeconds(Long.getLong("churn.seconds", 5));
    private static final List<ExistingConnections> IN_TURN =
            List.of(ExistingConnections.KEEP, ExistingConnections.DRAIN, ExistingConnections.CLOSE);
    private static final int CONNECTING = 4;
    private static final int HOLDING = 50;

    @TempDir
    private Path directory;

    private StampingUpstream a;
    private StampingUpstream b;
    private TestRelay relay;
    private LinksFile file;
    private TableFileWatcher followed;
    private int revision;

    @BeforeEach
    void start() throws Exception {
        a = new StampingUpstream('a');
        b = new StampingUpstream('b');
        InetSocketAddress address = new InetSocketAddress(a.address().getAddress(), LoopbackPort.free());
        relay = TestRelay.start(Map.of(), address, a.address(), link -> link);
        file = new LinksFile(directory.resolve("links.json"));
        followed = TableFileWatcher.follow(
                file.path(), Map.of(), new TableApplier(relay.relay, Optional.empty(), () -> {}));
    }

    @AfterEach
    void stop() throws Exception {
        followed.close();
        relay.close();
        a.close();
        b.close();
    }

    @ParameterizedTest
    @EnumSource(ExistingConnections.class)
    void noConnectFailsAndNoByteIsLostOrCrossed(ExistingConnections policy) throws Exception {
        boolean mayBeCut = policy == ExistingConnections.CLOSE;
        StampedLoad load = new StampedLoad(relay.address, CONNECTING, HOLDING, mayBeCut);
        try (load) {
            for (int i = 0; i < RETARGETS; i++) {
                retarget(policy);
                if (i % 10 == 0) {
                    // Waits for load in between, even if retargets are fast.
                    long answers = load.answers();
                    await().pollInterval(Duration.ofMillis(1)).until(() -> load.answers() > answers);
                }
            }
        }
        await().until(relay::open, open -> open == 0);
        Map<CloseReason, Long> closed =
                relay.see(link -> Map.copyOf(link.counters().closedByReason()));
        assertThat(load.failures()).isEmpty();
        assertThat(closed).doesNotContainKeys(CloseReason.CONNECT_FAILED, CloseReason.DRAIN_TIMEOUT);
        assertThat(relay.<Long>see(LinkSnapshot::retargets)).isEqualTo(RETARGETS);
        if (!mayBeCut) {
            assertThat(closed).doesNotContainKey(CloseReason.RETARGETED);
        }
        System.out.println(RETARGETS + " retargets, " + policy + ": " + load.connections() + " connections, "
                + load.answers() + " answers, " + load.cut() + " cut, closed " + closed);
    }

    @Test
    void churnAndRetargetsLeaveNothingBehind() throws Exception {
        churn(Duration.ofSeconds(2));
        await().until(() -> a.isIdle() && b.isIdle());
        Usage before = await().until(() -> Usage.of(relay), usage -> usage.open() == 0);
        int retargetsBefore = revision;
        long answers = churn(CHURN);
        System.out.println((revision - retargetsBefore) + " retargets and " + answers + " answers in "
                + CHURN.toSeconds() + " s began with " + before);
        await().until(() -> a.isIdle() && b.isIdle());
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(Usage.of(relay))
                .matches(usage -> usage.isNoMoreThan(before), "no more than " + before));
    }

    private long churn(Duration time) throws Exception {
        StampedLoad load = new StampedLoad(relay.address, CONNECTING, HOLDING, true);
        try (load) {
            for (long end = System.nanoTime() + time.toNanos(); System.nanoTime() < end; ) {
                retarget(IN_TURN.get(revision % IN_TURN.size()));
            }
        }
        assertThat(load.failures()).isEmpty();
        return load.answers();
    }

    /** Retargets to the other upstream; returns when that is applied. */
    private void retarget(ExistingConnections policy) throws Exception {
        revision++;
        InetSocketAddress target = (revision % 2 == 0 ? a : b).address();
        Optional<String> wanted = Optional.of("r" + revision);
        file.replace(new LinkTable(wanted, List.of(), List.of(relay.link(policy, Duration.ofSeconds(30), target))));
        long end = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        while (!wanted.equals(appliedRevision())) {
            assertThat(System.nanoTime())
                    .as("revision %s is applied in time", wanted)
                    .isLessThan(end);
        }
    }

    private Optional<String> appliedRevision() {
        return TestRelay.await(
                relay.relay.inspect(() -> relay.relay.tableStatus().applied().flatMap(applied -> applied.table()
                        .revision())));
    }
}
