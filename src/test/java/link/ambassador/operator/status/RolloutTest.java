package link.ambassador.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.api.v1alpha1.RolloutStatus;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.Target;
import link.ambassador.model.CaBundles;
import link.ambassador.model.SidecarAmbassador;
import link.ambassador.model.StagedTargets;
import link.ambassador.model.TableOutcome;
import link.ambassador.model.UnresolvedLink;
import link.ambassador.operator.delivery.RelayStatus;
import link.ambassador.operator.delivery.RelayStatus.Dials;
import link.ambassador.operator.delivery.RelayStatus.LinkAnswer;
import link.ambassador.operator.delivery.RelayStatus.TargetAnswer;
import link.ambassador.operator.delivery.RelaySync;
import link.ambassador.operator.delivery.RelaySync.SyncState;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Staged retargets, with relays that serve what the stored status tells them. */
class RolloutTest {
    private static final String STEPS = "[{relays: 1, pause: 30s}, {relays: 40%, pause: 1m}, {relays: 100%}]";

    @Test
    void theRelaysMoveStepByStep() {
        Scene scene = new Scene(10, STEPS, "Rollback");
        scene.retarget("redis-b");
        assertThat(scene.serving("redis-b")).isZero();

        scene.reconcile();
        assertThat(scene.serving("redis-b")).isEqualTo(1);
        assertThat(scene.rollout().step()).isEqualTo(1);
        scene.reconcile();
        scene.pass(Duration.ofSeconds(29));
        scene.reconcile();
        assertThat(scene.serving("redis-b")).isEqualTo(1);
        scene.pass(Duration.ofSeconds(1));
        scene.reconcile();
        assertThat(scene.serving("redis-b")).isEqualTo(4);
        scene.pass(Duration.ofMinutes(2));
        scene.reconcile();
        // The pause of a step begins when its relays acknowledged.
        assertThat(scene.serving("redis-b")).isEqualTo(4);
        scene.pass(Duration.ofMinutes(1));
        scene.reconcile();
        assertThat(scene.serving("redis-b")).isEqualTo(10);
        scene.reconcile();
        scene.reconcile();
        assertThat(scene.rollout().phase()).isEqualTo("Complete");
    }

    @Test
    void theNextLookIsNoLaterThanTheEndOfThePause() {
        Scene scene = new Scene(10, STEPS, "Rollback");
        scene.retarget("redis-b");
        scene.reconcile();
        assertThat(scene.looksAgainAfter()).as("not settled").contains(Duration.ofSeconds(1));
        scene.reconcile();
        assertThat(scene.looksAgainAfter()).contains(Duration.ofSeconds(1));
        scene.pass(Duration.ofMillis(29_700));
        scene.reconcile();
        assertThat(scene.looksAgainAfter()).contains(Duration.ofMillis(300));
        scene.act(Action.OPERATOR_RESTARTED);
        scene.pass(Duration.ofMinutes(1));
        assertThat(scene.looksAgainAfter()).as("it waits for answers").contains(Duration.ofSeconds(1));
    }

    @Test
    void noStepFollowsWhileRelaysKeepTheirTargetsBecauseTheNewOneDoesNotAnswer() {
        Scene scene = new Scene(10, STEPS, "Rollback");
        scene.unreachable = "redis-b";
        scene.retarget("redis-b");
        scene.settle();
        scene.pass(Duration.ofHours(1));
        scene.reconcile();
        assertThat(scene.rollout().step()).isEqualTo(1);
        assertThat(Convergence.of(scene.rollout(), scene.observed())).hasValueSatisfying(converged -> {
            assertThat(converged.reason()).isEqualTo(ConditionReason.PREFLIGHT_FAILED);
            assertThat(converged.message())
                    .startsWith("Step 1 of 3: 0 of 10 relays, 0 of 0 connects failed; ")
                    .contains("keeps its targets");
        });

        scene.unreachable = "";
        scene.settle();
        scene.pass(Duration.ofSeconds(30));
        scene.reconcile();
        assertThat(scene.rollout().step()).isEqualTo(2);
    }

    @Test
    void failedConnectsTakeTheRetargetBackAndTheSpecStays() {
        Scene scene = new Scene(10, STEPS, "Rollback");
        scene.retarget("redis-b");
        scene.settle();
        scene.dials(98, 2);
        scene.reconcile();

        assertThat(scene.rollout().phase()).isEqualTo("RolledBack");
        assertThat(scene.serving("redis-a")).isEqualTo(10);
        assertThat(Convergence.of(scene.rollout(), scene.observed())).hasValueSatisfying(converged -> {
            assertThat(converged.reason()).isEqualTo(ConditionReason.ROLLED_BACK);
            assertThat(converged.message()).startsWith("In step 1 of 3, 2 of 100 connects failed");
        });
        scene.pass(Duration.ofHours(1));
        scene.reconcile();
        assertThat(scene.serving("redis-a")).isEqualTo(10);
    }

    @Test
    void fewFailedConnectsDecideNothing() {
        Scene scene = new Scene(10, STEPS, "Rollback");
        scene.retarget("redis-b");
        scene.settle();
        scene.dials(0, 19);
        scene.reconcile();
        assertThat(scene.rollout().phase()).isEqualTo("Staged");
        scene.dials(0, 1);
        scene.reconcile();
        assertThat(scene.rollout().phase()).isEqualTo("RolledBack");
    }

    @Test
    void aPauseStaysWhereItIsUntilTheAnnotationChanges() {
        Scene scene = new Scene(10, STEPS, "Pause");
        scene.retarget("redis-b");
        scene.settle();
        scene.dials(0, 20);
        scene.reconcile();
        assertThat(scene.rollout().phase()).isEqualTo("Paused");
        assertThat(scene.rollout().reason()).isEqualTo("FailedConnects");
        assertThat(scene.serving("redis-b")).isEqualTo(1);

        scene.annotate("again");
        scene.reconcile();
        assertThat(scene.rollout().phase()).isEqualTo("Staged");
        assertThat(scene.rollout().step()).isEqualTo(1);
    }

    @Test
    void connectsFromBeforeARetryOfAPausedRetargetDoNotCount() {
        Scene scene = new Scene(10, STEPS, "Pause");
        scene.retarget("redis-b");
        scene.settle();
        scene.dials(0, 20);
        scene.reconcile();

        scene.annotate("repaired");
        scene.settle();
        scene.dials(30, 0);
        scene.reconcile();
        assertThat(scene.rollout().phase()).isEqualTo("Staged");
        assertThat(scene.rollout().connects()).isEqualTo(30);
        assertThat(scene.rollout().failed()).isZero();
        scene.dials(0, 5);
        scene.reconcile();
        assertThat(scene.rollout().phase()).isEqualTo("Paused");
    }

    @Test
    void aRestartedOperatorLooksAtTheRelaysBeforeItGoesOn() {
        Scene scene = new Scene(10, STEPS, "Rollback");
        scene.retarget("redis-b");
        scene.settle();
        scene.dials(0, 20);

        scene.act(Action.OPERATOR_RESTARTED);
        scene.pass(Duration.ofHours(1));
        scene.reconcile();
        assertThat(scene.serving("redis-b")).isEqualTo(1);
        scene.act(Action.RELAYS_ANSWERED);
        scene.reconcile();
        assertThat(scene.rollout().phase()).isEqualTo("RolledBack");
        assertThat(scene.serving("redis-a")).isEqualTo(10);
    }

    @Test
    void aConnectionThatTheTargetEndedUnansweredIsAFailedConnect() {
        RelayStatus answer = dialled("redis-b", new Dials(10, 3, 4));
        ObservedRelay relay = new ObservedRelay(
                RolloutFixture.pod("u"), new RelaySync(SyncState.ACKNOWLEDGED, "", Optional.of(answer)));

        assertThat(DialCount.of(relay, 6379, Set.of(new Target("redis-b", 6379))))
                .isEqualTo(new DialCount(13, 7));
    }

    @Test
    void theSecondEditBeginsAgainFromWhatWasCompleteLast() {
        Scene scene = new Scene(10, STEPS, "Rollback");
        scene.retarget("redis-b");
        scene.settle();
        scene.retarget("redis-c");
        assertThat(scene.serving("redis-a")).isEqualTo(10);
        scene.reconcile();

        assertThat(scene.serving("redis-c")).isEqualTo(1);
        assertThat(scene.serving("redis-a")).isEqualTo(9);
        scene.retarget("redis-a");
        scene.reconcile();
        assertThat(scene.rollout().phase()).isEqualTo("Complete");
        assertThat(scene.serving("redis-a")).isEqualTo(10);
    }

    @Test
    void aPodThatIsBornInAStepHasThePlaceOfItsUid() {
        Scene scene = new Scene(4, STEPS, "Rollback");
        scene.retarget("redis-b");
        scene.settle();
        scene.born(200);

        String last = scene.rollout().upTo();
        assertThat(scene.uids()).allSatisfy(uid -> assertThat(scene.host(uid))
                .isEqualTo(
                        StagedTargets.place(uid, scene.rollout().targets()).compareTo(last) <= 0
                                ? "redis-b"
                                : "redis-a"));
        // The webhook's, which gives a pod a table before it has a uid.
        assertThat(scene.host(Optional.empty())).isEqualTo("redis-a");
    }

    @Test
    void stagesThatComeWithTheEditAreItsStages() {
        Scene scene = new Scene(10, "", "Rollback");
        scene.steps = STEPS;
        scene.retarget("redis-b");
        assertThat(scene.sidecar().forPod(Optional.of("any")).outcome()).isInstanceOf(TableOutcome.Refused.class);

        scene.reconcile();
        assertThat(scene.serving("redis-b")).isEqualTo(1);
        assertThat(scene.serving("redis-a")).isEqualTo(9);
    }

    @Test
    void aHoldStopsTheSteps() {
        Scene scene = new Scene(10, STEPS, "Rollback");
        scene.hold = true;
        scene.retarget("redis-b");
        scene.reconcile();
        scene.pass(Duration.ofMinutes(5));
        scene.reconcile();
        assertThat(scene.serving("redis-b")).isZero();
        assertThat(scene.rollout().phase()).isEqualTo("Paused");
        assertThat(scene.rollout().reason()).isEqualTo("Held");
        assertThat(Convergence.of(scene.rollout(), scene.observed()))
                .contains(
                        new Convergence(
                                ConditionReason.ROLLOUT_HELD,
                                "Step 1 of 3: 0 of 10 relays, 0 of 0 connects failed. The steps wait for the end of the hold."));

        scene.hold = false;
        scene.edit();
        scene.reconcile();
        assertThat(scene.serving("redis-b")).isEqualTo(1);
        assertThat(scene.rollout().reason()).isNull();
    }

    @Test
    void aHoldWithinAStepLeavesItsRelaysAndItsPauseBeginsAnew() {
        Scene scene = new Scene(10, STEPS, "Rollback");
        scene.retarget("redis-b");
        scene.settle();
        scene.hold = true;
        scene.edit();
        scene.reconcile();
        scene.pass(Duration.ofMinutes(5));
        scene.reconcile();
        assertThat(scene.rollout().phase()).isEqualTo("Paused");
        assertThat(scene.serving("redis-b")).isEqualTo(1);

        scene.hold = false;
        scene.edit();
        scene.reconcile();
        scene.reconcile();
        scene.pass(Duration.ofSeconds(29));
        scene.reconcile();
        assertThat(scene.rollout().step()).isEqualTo(1);
        scene.pass(Duration.ofSeconds(1));
        scene.reconcile();
        assertThat(scene.rollout().step()).isEqualTo(2);
    }

    @Test
    void relaysThatHaveNotMovedServeTheirWholeLinkAsItWas() {
        Scene scene = new Scene(10, STEPS, "Rollback");
        Link before = scene.link("any");
        scene.more =
                ", idleTimeout: 1h, upstreamTLS: {mode: ServerOnly, validation: {wellKnownCACertificates: System}}";
        scene.retarget("redis-b");
        scene.reconcile();

        assertThat(scene.serving("redis-b")).isEqualTo(1);
        assertThat(scene.uids()).allSatisfy(uid -> assertThat(scene.link(uid))
                .isEqualTo(
                        scene.host(uid).equals("redis-a")
                                ? before
                                : scene.desired().links().get(0)));
        scene.dials(0, 30);
        scene.reconcile();
        assertThat(scene.uids()).allSatisfy(uid -> assertThat(scene.link(uid)).isEqualTo(before));
    }

    @Test
    void anEditOfALinkWhoseTargetsStayBecomesPartOfWhatRelaysReturnTo() {
        Scene scene = new Scene(10, STEPS, "Rollback");
        scene.others = ", {listen: 1, targets: [{host: x, port: 1}]}";
        scene.edit();
        scene.reconcile();
        scene.retarget("redis-b");
        scene.settle();
        scene.others = ", {listen: 1, targets: [{host: x, port: 1}], idleTimeout: 1h}";
        scene.edit();
        scene.reconcile();
        scene.others = ", {listen: 1, targets: [{host: y, port: 1}], idleTimeout: 2h}";
        scene.edit();
        scene.reconcile();

        Map<Integer, Link> before = StagedTargets.before(scene.rollout()).orElseThrow();
        assertThat(before.get(6379).targets().get(0).host()).isEqualTo("redis-a");
        assertThat(before.get(1).targets().get(0).host()).isEqualTo("x");
        assertThat(before.get(1).idleTimeout()).contains(Duration.ofHours(1));
    }

    @Test
    void aLinkWhoseCertificatesAreNotThereHoldsTheStepsBack() {
        Scene scene = new Scene(10, STEPS, "Rollback");
        scene.more = ", upstreamTLS: {mode: ServerOnly, validation: {caCertificateRefs: [{name: gone}]}}";
        scene.retarget("redis-b");
        scene.settle();
        scene.pass(Duration.ofHours(1));
        scene.reconcile();
        assertThat(scene.rollout().step()).isEqualTo(1);
        assertThat(Convergence.of(scene.rollout(), scene.observed())).isEmpty();
        assertThat(StagedTargets.before(scene.rollout())
                        .orElseThrow()
                        .get(6379)
                        .targets()
                        .get(0)
                        .host())
                .isEqualTo("redis-a");
    }

    private enum Action {
        RECONCILE,
        /** The operator decides, and is killed before the status is stored. */
        KILLED_RECONCILE,
        TO_A,
        TO_B,
        TO_C,
        CONNECTS_SUCCEED,
        CONNECTS_FAIL,
        TIME_PASSES,
        OPERATOR_RESTARTED,
        RELAYS_ANSWERED,
        POD_BORN,
        POD_GONE,
        RETRY,
        ALL_AT_ONCE,
        STAGED
    }

    /** What relays serve is what the spec and the rules say, whatever happens in whichever order. */
    @Property(tries = 500)
    void everyRelayServesTheSpecsTargetsOrThoseThatWereCompleteLast(
            @ForAll("actions") @Size(max = 40) List<Action> actions) {
        Scene scene = new Scene(6, STEPS, "Rollback");
        for (Action action : actions) {
            scene.act(action);
            String before = scene.complete();
            Set<String> served = scene.uids().stream().map(scene::host).collect(Collectors.toSet());
            assertThat(List.of(before, scene.host)).containsAll(served);
            if (scene.rollout() != null && scene.rollout().is("RolledBack") && scene.isAskedForStages()) {
                assertThat(served).containsOnly(before);
            }
        }
        // In the end nothing fails, and nobody edits.
        scene.act(Action.RELAYS_ANSWERED);
        scene.act(Action.RETRY);
        scene.failed.clear();
        scene.ok.clear();
        for (int i = 0; i < 12; i++) {
            scene.reconcile();
            scene.pass(Duration.ofMinutes(1));
        }
        assertThat(scene.serving(scene.host)).isEqualTo(scene.uids().size());
    }

    @Provide
    Arbitrary<List<Action>> actions() {
        return Arbitraries.of(Action.class).list();
    }

    /** An Ambassador as it is stored, and relays that serve what it says. */
    private static final class Scene {
        private final List<String> pods = new ArrayList<>();
        private final Map<String, Long> ok = new HashMap<>();
        private final Map<String, Long> failed = new HashMap<>();
        private final String onFailure;
        private Instant now = Instant.parse("2026-11-30T15:00:00Z");
        private long generation;
        private String retry = "";
        private String host = "redis-a";
        private String steps;
        private boolean hold;
        private boolean answered = true;

        /** More fields of the link. */
        private String more = "";

        /** More links. */
        private String others = "";

        /** The target that relays dial in vain before they have it. */
        private String unreachable = "";

        private Optional<LinkTable> lastServed = Optional.empty();

        /** The same, unless the operator has restarted since. */
        private Optional<LinkTable> remembered = Optional.empty();

        private Optional<RolloutStatus> rollout = Optional.empty();
        private Optional<String> revision = Optional.empty();

        Scene(int relays, String steps, String onFailure) {
            this.steps = steps;
            this.onFailure = onFailure;
            born(relays);
            edit();
            reconcile();
        }

        void act(Action action) {
            switch (action) {
                case RECONCILE -> reconcile();
                case KILLED_RECONCILE -> Rollout.next(stored(), observed(), rollout);
                case TO_A -> retarget("redis-a");
                case TO_B -> retarget("redis-b");
                case TO_C -> retarget("redis-c");
                case CONNECTS_SUCCEED -> dials(30, 0);
                case CONNECTS_FAIL -> dials(0, 30);
                case TIME_PASSES -> pass(Duration.ofSeconds(45));
                case OPERATOR_RESTARTED -> {
                    answered = false;
                    remembered = Optional.empty();
                }
                case RELAYS_ANSWERED -> answered = true;
                case POD_BORN -> born(1);
                case POD_GONE -> {
                    if (pods.size() > 1) {
                        pods.remove(0);
                    }
                }
                case RETRY -> annotate(retry + "x");
                case ALL_AT_ONCE -> {
                    steps = "";
                    edit();
                }
                case STAGED -> {
                    steps = STEPS;
                    edit();
                }
            }
        }

        void born(int count) {
            for (int i = 0; i < count; i++) {
                pods.add(UUID.nameUUIDFromBytes(new byte[] {(byte) pods.size(), (byte) ok.size(), (byte) generation})
                                .toString()
                        + pods.size());
            }
        }

        void retarget(String to) {
            host = to;
            edit();
        }

        void edit() {
            generation++;
        }

        void annotate(String value) {
            retry = value;
        }

        void pass(Duration time) {
            now = now.plus(time);
        }

        /** Reconciles until the relays of the first step have settled. */
        void settle() {
            reconcile();
            reconcile();
        }

        void reconcile() {
            Ambassador ambassador = stored();
            ObservedState observed = observed();
            rollout = Rollout.next(ambassador, observed, rollout);
            remembered = observed.tables().served();
            // A link that cannot be served leaves a relay as it is.
            lastServed = remembered.filter(table -> !table.links().isEmpty()).or(() -> lastServed);
            revision = observed.revision();
        }

        Optional<Duration> looksAgainAfter() {
            return Rollout.changesAfter(stored(), rollout(), now);
        }

        RolloutStatus rollout() {
            return rollout.orElse(null);
        }

        /** Also when the spec has other targets than the rollout knows of: nobody has those yet. */
        boolean isAskedForStages() {
            return StagedTargets.isStaged(stored());
        }

        String complete() {
            return rollout.flatMap(StagedTargets::before)
                    .map(before -> before.get(6379).targets().get(0).host())
                    .orElseGet(() -> lastServed
                            .map(table -> table.links().get(0).targets().get(0).host())
                            .orElse(host));
        }

        /** Each relay that has the new targets connects so often more. */
        void dials(long succeeded, long broken) {
            pods.forEach(uid -> {
                ok.merge(uid + host(uid), succeeded, Long::sum);
                failed.merge(uid + host(uid), broken, Long::sum);
            });
        }

        List<String> uids() {
            return pods;
        }

        long serving(String wanted) {
            return pods.stream().filter(uid -> host(uid).equals(wanted)).count();
        }

        SidecarAmbassador sidecar() {
            return SidecarAmbassador.of(stored(), CaBundles.NONE).orElseThrow();
        }

        /** Where the relay of a pod connects to; what it served before, while nobody knows better. */
        String host(String uid) {
            return host(Optional.of(uid));
        }

        String host(Optional<String> uid) {
            return sidecar().forPod(uid).outcome() instanceof TableOutcome.Table table
                            && !table.table().links().isEmpty()
                    ? table.table().links().get(0).targets().get(0).host()
                    : lastServed.orElseThrow().links().get(0).targets().get(0).host();
        }

        Link link(String uid) {
            return ((TableOutcome.Table) sidecar().forPod(Optional.of(uid)).outcome())
                    .table()
                    .links()
                    .get(0);
        }

        private Optional<List<UnresolvedLink>> unresolved() {
            return Optional.of(((TableOutcome.Table) sidecar().outcome()).unresolved());
        }

        LinkTable desired() {
            return ((TableOutcome.Table) sidecar().outcome()).table();
        }

        ObservedState observed() {
            Optional<StagedTargets> staged = sidecar().staged();
            return RolloutFixture.observed(
                    generation,
                    now,
                    new ObservedState.Tables(remembered, Optional.of(desired()), unresolved()),
                    pods.stream()
                            .map(uid -> new ObservedRelay(
                                    RolloutFixture.pod(uid),
                                    answered ? sync(uid) : RelaySync.PENDING,
                                    staged.isEmpty() || staged.get().hasNew(Optional.of(uid))))
                            .toList());
        }

        private RelaySync sync(String uid) {
            return host(uid).equals(unreachable)
                    ? new RelaySync(SyncState.KEPT, "keeps its targets", Optional.of(answer(uid)))
                    : new RelaySync(SyncState.ACKNOWLEDGED, "", Optional.of(answer(uid)));
        }

        private RelayStatus answer(String uid) {
            String to = host(uid);
            return dialled(to, new Dials(ok.getOrDefault(uid + to, 0L), failed.getOrDefault(uid + to, 0L), 0));
        }

        Ambassador stored() {
            return RolloutFixture.stored(
                    generation,
                    retry,
                    revision,
                    rollout,
                    "links: [{listen: 6379, targets: [{host: " + host + ", port: 6379}]" + more + "}" + others + "]",
                    hold ? "hold: {timeout: 60s}" : "",
                    "retarget: {rollout: "
                            + (steps.isEmpty()
                                    ? "{type: AllAtOnce}"
                                    : "{type: Staged, staged: {onFailure: " + onFailure + ", steps: " + steps + "}}")
                            + "}");
        }
    }

    private static RelayStatus dialled(String host, Dials dials) {
        return RolloutFixture.answer(new LinkAnswer(
                "redis",
                6379,
                true,
                "",
                List.of(new TargetAnswer(host + ":6379", Optional.empty(), "", Optional.of(dials))),
                Optional.empty()));
    }
}
