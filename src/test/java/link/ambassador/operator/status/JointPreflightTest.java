package link.ambassador.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.api.v1alpha1.RolloutStatus;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.model.CaBundles;
import link.ambassador.model.SidecarAmbassador;
import link.ambassador.model.StagedTargets;
import link.ambassador.model.TableOutcome;
import link.ambassador.operator.delivery.RelayStatus;
import link.ambassador.operator.delivery.RelayStatus.LinkAnswer;
import link.ambassador.operator.delivery.RelayStatus.PreflightAnswer;
import link.ambassador.operator.delivery.RelaySync;
import link.ambassador.operator.delivery.RelaySync.SyncState;
import org.junit.jupiter.api.Test;

/** The preflight All of sidecars, which serve what the stored status tells them. */
class JointPreflightTest {
    private final Set<String> reaching = new HashSet<>();
    private List<String> relays = List.of("a", "b", "c", "d");
    private String links = "[{listen: 6379, targets: [{host: redis-a, port: 6379}]}]";
    private String mode = "{mode: All, minReachable: 75%}";
    private long generation = 1;
    private Optional<RolloutStatus> rollout = Optional.empty();
    private Optional<LinkTable> remembered = Optional.empty();
    private Optional<String> revision = Optional.empty();

    @Test
    void noRelayMovesBeforeEnoughReachTheNewTarget() {
        reconcile();
        edit("redis-b");
        assertThat(served()).isEqualTo("redis-a, dials redis-b");
        reconcile();
        assertThat(phase()).isEqualTo("Preflight");

        reaching.addAll(List.of("a", "b"));
        reconcile();
        assertThat(phase()).isEqualTo("Preflight");
        assertThat(served()).isEqualTo("redis-a, dials redis-b");
        reaching.add("c");
        reconcile();
        assertThat(phase()).isEqualTo("Complete");
        assertThat(served()).isEqualTo("redis-b");
    }

    @Test
    void aSecondEditReplacesTheCandidateAndTheFormerTargetStays() {
        reconcile();
        edit("redis-b");
        reconcile();
        edit("redis-c");
        assertThat(served()).isEqualTo("redis-a, dials redis-c");
        reconcile();
        edit("redis-a");
        assertThat(served()).isEqualTo("redis-a");
        reconcile();
        assertThat(phase()).isEqualTo("Complete");
    }

    @Test
    void anEditWhileNobodyLooksStartsFromWhatWasAgreedLast() {
        reconcile();
        edit("redis-b");
        reconcile();
        reaching.addAll(relays);
        reconcile();
        // Killed before the next reconcile.
        restart();
        edit("redis-c");
        assertThat(served()).isEqualTo("redis-b, dials redis-c");
    }

    @Test
    void aRestartedOperatorGoesOn() {
        reconcile();
        edit("redis-b");
        restart();
        assertThat(served()).isEqualTo("redis-a, dials redis-b");
        reconcile();
        restart();
        assertThat(served()).isEqualTo("redis-a, dials redis-b");
        reaching.addAll(relays);
        reconcile();
        restart();
        assertThat(served()).isEqualTo("redis-b");
    }

    @Test
    void theEditThatBringsTheModeIsPreflighted() {
        mode = "{mode: None}";
        reconcile();
        assertThat(rollout).isEmpty();
        mode = "{mode: All}";
        edit("redis-b");
        assertThat(sidecar().forPod(Optional.of("a")).outcome()).isInstanceOf(TableOutcome.Refused.class);
        assertThat(Convergence.of(reconcile(), observed())).isEmpty();
        assertThat(served()).isEqualTo("redis-a, dials redis-b");
    }

    @Test
    void whatElseTheEditChangesCountsAtOnce() {
        reconcile();
        links = "[{listen: 6379, targets: [{host: redis-b, port: 6379}], idleTimeout: 1h},"
                + " {listen: 1, targets: [{host: x, port: 1}]}]";
        generation++;
        reconcile();
        assertThat(links(Optional.empty())).extracting(Link::listen).containsExactly(6379, 1);
        assertThat(links(Optional.empty()).get(0).idleTimeout()).isPresent();
        assertThat(StagedTargets.before(rollout.orElseThrow()).orElseThrow()).containsOnlyKeys(1, 6379);
        links = links.replace("host: x", "host: y");
        generation++;
        assertThat(links(Optional.empty()).get(1).targets().get(0).host()).isEqualTo("x");
    }

    @Test
    void withoutRelaysTheEditWinsAtOnce() {
        reconcile();
        relays = List.of();
        edit("redis-b");
        reconcile();
        assertThat(served()).isEqualTo("redis-b");
    }

    @Test
    void aRelayThatHasAnOlderTableReachesNothing() {
        reconcile();
        edit("redis-b");
        reconcile();
        RelaySync stale = new RelaySync(SyncState.STALE, "serves revision x", Optional.of(answer(true)));
        RelaySync rejecting = new RelaySync(
                SyncState.ERROR,
                "rejected",
                Optional.of(new RelayStatus(
                        "1",
                        Optional.empty(),
                        Optional.of(new RelayStatus.Rejected(Optional.empty(), "no")),
                        answer(true).links())));
        RelaySync busy = new RelaySync(SyncState.ERROR, "cannot listen", Optional.of(answer(true)));
        List<Link> candidates = links(Optional.empty());
        assertThat(stale.reachesCandidates(candidates)).isFalse();
        assertThat(rejecting.reachesCandidates(candidates)).isFalse();
        assertThat(busy.reachesCandidates(candidates)).as("an error of a port").isTrue();
    }

    @Test
    void theConditionCountsWhoReachesTheTarget() {
        reconcile();
        edit("redis-b");
        reconcile();
        reaching.add("a");
        Convergence converged = Convergence.of(observed(), Optional.empty(), java.time.Duration.ZERO);
        assertThat(converged.reason()).isEqualTo(ConditionReason.PREFLIGHT_FAILED);
        assertThat(converged.message()).startsWith("1 of 4 relays reach the new targets; b: redis-b does not answer");
    }

    private String served() {
        List<Link> all = links(Optional.of("a"));
        // A pod that is about to be created gets the same.
        assertThat(links(Optional.empty())).isEqualTo(all);
        Link link = all.get(0);
        return link.targets().get(0).host()
                + link.candidate()
                        .map(later -> ", dials " + later.targets().get(0).host())
                        .orElse("");
    }

    private List<Link> links(Optional<String> uid) {
        return ((TableOutcome.Table) sidecar().forPod(uid).outcome()).table().links();
    }

    private String phase() {
        return rollout.orElseThrow().phase();
    }

    private void edit(String host) {
        links = links.replaceFirst("redis-[a-z]", host);
        generation++;
    }

    private void restart() {
        remembered = Optional.empty();
    }

    private RolloutStatus reconcile() {
        ObservedState observed = observed();
        rollout = Rollout.next(stored(), observed, rollout);
        remembered = observed.tables().served();
        revision = observed.revision();
        return rollout.orElse(null);
    }

    private SidecarAmbassador sidecar() {
        return SidecarAmbassador.of(stored(), CaBundles.NONE).orElseThrow();
    }

    private ObservedState observed() {
        SidecarAmbassador sidecar = sidecar();
        LinkTable desired = ((TableOutcome.Table) sidecar.outcome()).table();
        Optional<LinkTable> served =
                sidecar.isInPreflight() ? sidecar.candidates().or(() -> remembered) : Optional.of(desired);
        return RolloutFixture.observed(
                generation,
                Instant.EPOCH,
                new ObservedState.Tables(
                        remembered,
                        served,
                        Optional.empty(),
                        sidecar.isInPreflight() ? Optional.of(desired) : Optional.empty()),
                relays.stream()
                        .map(name -> new ObservedRelay(
                                RolloutFixture.pod(name),
                                new RelaySync(
                                        SyncState.ACKNOWLEDGED, "", Optional.of(answer(reaching.contains(name))))))
                        .toList());
    }

    private static RelayStatus answer(boolean reaches) {
        return RolloutFixture.answer(new LinkAnswer(
                "redis",
                6379,
                true,
                "",
                List.of(),
                Optional.empty(),
                Optional.of(new PreflightAnswer(
                        "redis-b:6379",
                        true,
                        reaches ? "reachable" : "unreachable",
                        reaches ? "" : "redis-b does not answer"))));
    }

    private Ambassador stored() {
        return RolloutFixture.stored(
                generation, "", revision, rollout, "links: " + links, "retarget: {preflight: " + mode + "}");
    }
}
