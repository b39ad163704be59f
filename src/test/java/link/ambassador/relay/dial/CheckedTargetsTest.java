package link.ambassador.relay.dial;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import link.ambassador.config.ExistingConnections;
import link.ambassador.config.Failover;
import link.ambassador.config.Failover.Failback;
import link.ambassador.config.Failover.Selection;
import link.ambassador.config.Failover.WhenNoneHealthy;
import link.ambassador.config.HealthCheck;
import link.ambassador.config.HealthCheck.Probing;
import link.ambassador.config.Link;
import link.ambassador.config.Target;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Which target a new connection goes to, and which are probed, by what is known of them. Time passes when the test says so. */
class CheckedTargetsTest {
    private static final Target A = new Target("a", 1);
    private static final Target B = new Target("b", 1);
    private static final Target C = new Target("c", 1);
    private static final List<Target> ALL = List.of(A, B, C);
    private static final HealthCheck.Check TCP = new HealthCheck.Tcp();
    private static final HealthCheck.Check ROLE = new HealthCheck.Http("/primary", List.of(200));

    private final List<String> left = new ArrayList<>();
    private final Random random = new Random(1);
    private long nowNanos;
    private int open;
    private int changes;
    private CheckedTargets targets;

    @Example
    void tcpTargetsAreHealthyUntilTheyFailAsOftenAsTheThreshold() {
        begin(TCP, Failback.IMMEDIATE);
        assertThat(choose()).contains(A);
        refuse(A);
        assertThat(state(A)).isEqualTo(CheckedTarget.State.HEALTHY);
        refuse(A);
        assertThat(state(A)).isEqualTo(CheckedTarget.State.UNHEALTHY);
        assertThat(choose()).contains(B);
        assertThat(targets.inUse()).contains(B);
        assertThat(targets.failovers()).isOne();
        assertThat(left).containsExactly("a:1");
    }

    @Example
    void afterOneFailureTheOthersAreTriedFirstUntilAProbeTells() {
        begin(TCP, Failback.IMMEDIATE);
        refuse(A);
        assertThat(choose()).as("nobody else waits for a silent target").contains(B);
        assertThat(targets.inUse()).contains(A);
        assertThat(targets.wantsProbes(A)).isTrue();
        targets.probeSucceeded(A);
        assertThat(choose()).contains(A);
        assertThat(targets.wantsProbes(A)).isFalse();
    }

    @Example
    void aConnectionWaitsForTheFirstProbesOfARole() {
        begin(ROLE, Failback.IMMEDIATE);
        assertThat(probed()).isEmpty();
        assertThat(choose()).isEmpty();
        assertThat(targets.awaitsProbe(ALL)).isTrue();
        assertThat(probed()).containsExactly(A, B, C);
        targets.probeFailed(A, "503");
        assertThat(choose()).isEmpty();
        targets.probeSucceeded(B);
        assertThat(choose()).contains(B);
        assertThat(targets.failovers()).isZero();
    }

    @Example
    void withoutAHealthyTargetARoleIsRefusedAndTcpTriesAll() {
        begin(ROLE, Failback.IMMEDIATE);
        choose();
        ALL.forEach(target -> targets.probeFailed(target, "503"));
        assertThat(choose()).isEmpty();
        assertThat(targets.awaitsProbe(ALL)).isFalse();
        assertThat(targets.whyNone()).contains("a:1: 503");
        begin(TCP, Failback.IMMEDIATE);
        for (Target target : ALL) {
            refuse(target);
            refuse(target);
        }
        assertThat(choose()).contains(C);
    }

    @Example
    void aTargetThatIsNotTheRoleIsNeverChosenWhateverFailed() {
        begin(ROLE, Failback.IMMEDIATE);
        choose();
        targets.probeSucceeded(A);
        targets.probeFailed(B, "503");
        targets.probeFailed(C, "503");
        refuse(A);
        assertThat(targets.choose(List.of(B, C))).isEmpty();
        assertThat(targets.isWanted(B)).isFalse();
    }

    @Example
    void atRestNothingIsProbed() {
        begin(ROLE, Failback.IMMEDIATE);
        choose();
        targets.probeSucceeded(A);
        targets.probeFailed(B, "503");
        targets.probeFailed(C, "503");
        open = 1;
        for (int minute = 0; minute < 600; minute++) {
            later(Duration.ofMinutes(1));
            assertThat(probed()).isEmpty();
            assertThat(choose()).contains(A);
        }
    }

    @Example
    void whatWasLearnedLongAgoIsAskedAgainBeforeItIsUsed() {
        begin(ROLE, Failback.IMMEDIATE);
        choose();
        targets.probeSucceeded(A);
        targets.probeSucceeded(B);
        later(Duration.ofMinutes(1));
        refuse(A);
        refuse(A);
        assertThat(choose()).as("B may have lost the role meanwhile").isEmpty();
        assertThat(probed()).contains(A, B, C);
        targets.probeFailed(B, "503");
        targets.probeSucceeded(C);
        assertThat(choose()).contains(C);
    }

    @Example
    void aLinkWithoutAConnectionForFiveMinutesIsNotProbed() {
        begin(TCP, Failback.IMMEDIATE);
        refuse(A);
        refuse(A);
        assertThat(probed()).containsExactly(A);
        later(Duration.ofMinutes(5).minusMillis(1));
        assertThat(probed()).containsExactly(A);
        later(Duration.ofMillis(1));
        assertThat(probed()).isEmpty();
        open = 1;
        assertThat(probed()).as("an open connection counts").containsExactly(A);
    }

    @Example
    void aLinkThatIsUsedAgainIsProbedAgain() {
        begin(TCP, Failback.IMMEDIATE);
        failOverToB();
        later(Duration.ofMinutes(6));
        assertThat(probed()).isEmpty();
        changes = 0;
        targets.connectionBegan();
        assertThat(changes).as("its prober hears of it").isOne();
        assertThat(probed()).containsExactly(A);
    }

    @Example
    void afterSuchARestARoleIsCheckedAnew() {
        begin(ROLE, Failback.IMMEDIATE);
        choose();
        targets.probeSucceeded(A);
        later(Duration.ofMinutes(6));
        targets.connectionBegan();
        assertThat(choose()).isEmpty();
        assertThat(probed()).contains(A);
    }

    @Example
    void alwaysProbesAllEvenWithoutConnections() {
        begin(
                ROLE,
                Probing.ALWAYS,
                new Failover(
                        Selection.FIRST_AVAILABLE,
                        List.of(),
                        Failback.IMMEDIATE,
                        ExistingConnections.KEEP,
                        WhenNoneHealthy.REFUSE));
        later(Duration.ofHours(1));
        assertThat(probed()).isEqualTo(ALL);
    }

    @Example
    void failbackImmediateGoesBackAtTheFirstGoodProbe() {
        begin(TCP, Failback.IMMEDIATE);
        failOverToB();
        targets.probeSucceeded(A);
        assertThat(choose()).contains(A);
        assertThat(left).containsExactly("a:1", "b:1");
        assertThat(targets.failovers()).isEqualTo(2);
    }

    @Example
    void failbackNeverStaysUntilTheTargetInUseFails() {
        begin(TCP, Failback.NEVER);
        failOverToB();
        targets.probeSucceeded(A);
        later(Duration.ofHours(1));
        targets.connectionBegan();
        assertThat(choose()).contains(B);
        assertThat(probed()).isEmpty();
        refuse(B);
        refuse(B);
        assertThat(choose()).contains(A);
    }

    @Example
    void failbackAfterADurationWaitsUntilTheTargetWasHealthyForSoLong() {
        begin(TCP, new Failback(Optional.of(Duration.ofSeconds(30))));
        failOverToB();
        targets.probeSucceeded(A);
        later(Duration.ofSeconds(29));
        assertThat(choose()).contains(B);
        assertThat(probed()).as("it must stay healthy").containsExactly(A);
        later(Duration.ofSeconds(1));
        assertThat(choose()).contains(A);
        assertThat(probed()).isEmpty();
    }

    @Example
    void aTargetThatEndsThreeConnectionsInARowWithoutAByteIsUnhealthy() {
        begin(TCP, Failback.IMMEDIATE);
        end(A, true);
        end(A, true);
        end(A, false);
        end(A, true);
        end(A, true);
        assertThat(state(A)).isEqualTo(CheckedTarget.State.HEALTHY);
        end(A, true);
        assertThat(state(A)).isEqualTo(CheckedTarget.State.UNHEALTHY);
        assertThat(choose()).contains(B);
    }

    @Example
    void weightsShareConnectionsAmongTheHealthy() {
        begin(TCP, Probing.ON_FAILURE, weighted(1, 3, 0));
        Map<Target, Integer> chosen = new HashMap<>();
        for (int i = 0; i < 4000; i++) {
            chosen.merge(choose().orElseThrow(), 1, Integer::sum);
        }
        assertThat(chosen.get(A)).isBetween(900, 1100);
        assertThat(chosen.get(B)).isBetween(2900, 3100);
        refuse(B);
        refuse(B);
        assertThat(choose()).contains(A);
        refuse(A);
        refuse(A);
        assertThat(targets.choose(List.of(C))).as("weight 0").isEmpty();
        assertThat(probed()).containsExactly(A, B);
    }

    @Example
    void aRetargetKeepsWhatIsKnownOfTargetsThatStay() {
        begin(TCP, Failback.IMMEDIATE);
        failOverToB();
        targets.change(link(TCP, Probing.ON_FAILURE, failover(Failback.IMMEDIATE, TCP), List.of(C, A)));
        assertThat(state(A)).isEqualTo(CheckedTarget.State.UNHEALTHY);
        assertThat(targets.snapshot(B)).isEmpty();
        assertThat(choose()).contains(C);
        targets.probeFailed(B, "too late");
    }

    @Example
    void targetsThatAreAppendedMoveNobody() {
        begin(TCP, Failback.NEVER);
        failOverToB();
        targets.probeSucceeded(A);
        Target d = new Target("d", 1);
        targets.change(link(TCP, Probing.ON_FAILURE, failover(Failback.NEVER, TCP), List.of(A, B, C, d)));
        assertThat(targets.inUse()).contains(B);
    }

    /** Whatever happens, a role is only given to connections when its latest check was good, and not long ago unless it is in use. */
    @Property(tries = 200)
    void noConnectionGoesToATargetWhoseLatestCheckFailed(@ForAll Random steps, @ForAll boolean always) {
        begin(
                ROLE,
                always ? Probing.ALWAYS : Probing.ON_FAILURE,
                failover(steps.nextBoolean() ? Failback.NEVER : Failback.IMMEDIATE, ROLE));
        Map<Target, Integer> failuresInARow = new HashMap<>();
        for (int step = 0; step < 200; step++) {
            Target target = ALL.get(steps.nextInt(3));
            switch (steps.nextInt(6)) {
                case 0 -> {
                    targets.probeSucceeded(target);
                    failuresInARow.put(target, 0);
                }
                case 1, 2 -> {
                    targets.probeFailed(target, "no");
                    failuresInARow.merge(target, 1, Integer::sum);
                }
                case 3 -> later(Duration.ofMillis(steps.nextInt(400_000)));
                case 4 -> targets.connectionBegan();
                default ->
                    choose().ifPresent(chosen -> assertThat(failuresInARow)
                            .hasEntrySatisfying(chosen, failures -> assertThat(failures)
                                    .isLessThan(HealthCheck.DEFAULT_UNHEALTHY_THRESHOLD)));
            }
        }
    }

    /** Whatever happened before: once every probe is good again, connections go to the first, and nothing is probed. */
    @Property(tries = 200)
    void whenAllIsWellAgainTheFirstIsInUseAndNothingIsProbed(@ForAll Random steps, @ForAll boolean tcp) {
        HealthCheck.Check check = tcp ? TCP : ROLE;
        begin(check, Failback.IMMEDIATE);
        open = 1;
        for (int step = 0; step < 100; step++) {
            Target target = ALL.get(steps.nextInt(3));
            switch (steps.nextInt(5)) {
                case 0 -> refuse(target);
                case 1 -> targets.probeFailed(target, "no");
                case 2 -> targets.probeSucceeded(target);
                case 3 -> end(target, true);
                default -> later(Duration.ofMillis(steps.nextInt(5_000)));
            }
        }
        choose();
        for (int interval = 0; interval < 40; interval++) {
            later(Duration.ofSeconds(2));
            probed().forEach(targets::probeSucceeded);
            choose();
        }
        assertThat(targets.inUse()).contains(A);
        assertThat(choose()).contains(A);
        assertThat(probed()).isEmpty();
    }

    private void failOverToB() {
        refuse(A);
        refuse(A);
        assertThat(choose()).contains(B);
    }

    private void begin(HealthCheck.Check check, Failback failback) {
        begin(check, Probing.ON_FAILURE, failover(failback, check));
    }

    private static Failover failover(Failback failback, HealthCheck.Check check) {
        return new Failover(
                Selection.FIRST_AVAILABLE,
                List.of(),
                failback,
                ExistingConnections.KEEP,
                WhenNoneHealthy.defaultFor(check));
    }

    private static Failover weighted(Integer... weights) {
        return new Failover(
                Selection.WEIGHTED,
                List.of(weights),
                Failback.IMMEDIATE,
                ExistingConnections.KEEP,
                WhenNoneHealthy.TRY_ALL);
    }

    private void begin(HealthCheck.Check check, Probing probing, Failover failover) {
        left.clear();
        nowNanos = Long.MAX_VALUE - 1000;
        open = 0;
        targets = new CheckedTargets(
                link(check, probing, failover, ALL),
                () -> nowNanos,
                bound -> Math.floorMod(random.nextLong(), bound),
                () -> open,
                new CheckedTargets.Listener() {
                    @Override
                    public void changed() {
                        changes++;
                    }

                    @Override
                    public void left(Target target, String why) {
                        left.add(target.toString());
                    }
                });
        if (probing == Probing.ON_FAILURE) {
            targets.connectionBegan();
        }
    }

    private static Link link(HealthCheck.Check check, Probing probing, Failover failover, List<Target> targets) {
        return Link.builder("db", 1, targets)
                .healthCheck(Optional.of(new HealthCheck(
                        check,
                        OptionalInt.empty(),
                        probing,
                        HealthCheck.DEFAULT_INTERVAL,
                        HealthCheck.DEFAULT_TIMEOUT,
                        HealthCheck.DEFAULT_UNHEALTHY_THRESHOLD,
                        HealthCheck.DEFAULT_HEALTHY_THRESHOLD)))
                .failover(Optional.of(failover))
                .build();
    }

    private Optional<Target> choose() {
        return targets.choose(ALL);
    }

    private void refuse(Target target) {
        targets.connectEnded(target, DialResult.REFUSED, target + ": connection refused");
    }

    private void end(Target target, boolean empty) {
        if (empty) {
            targets.unanswered(target);
        } else {
            targets.answered(target);
        }
    }

    private CheckedTarget.State state(Target target) {
        return targets.snapshot(target).orElseThrow().state();
    }

    private List<Target> probed() {
        List<Target> probed = new ArrayList<>(ALL);
        probed.removeIf(target -> !targets.wantsProbes(target));
        return Collections.unmodifiableList(probed);
    }

    private void later(Duration duration) {
        nowNanos += TimeUnit.MILLISECONDS.toNanos(duration.toMillis());
    }
}
