package link.ambassador.operator.status;

import static link.ambassador.api.v1alpha1.ConditionType.ACCEPTED;
import static link.ambassador.api.v1alpha1.ConditionType.CONVERGED;
import static link.ambassador.api.v1alpha1.ConditionType.READY;
import static link.ambassador.api.v1alpha1.ConditionType.RESOLVED_REFS;
import static link.ambassador.api.v1alpha1.ConditionType.TARGET_REACHABLE;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.api.v1alpha1.Laggard;
import link.ambassador.config.DownstreamTls;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.Preflight;
import link.ambassador.operator.delivery.RelayPod;
import link.ambassador.operator.delivery.RelayStatus;
import link.ambassador.operator.delivery.RelayStatus.TargetAnswer;
import link.ambassador.operator.delivery.RelaySync;
import link.ambassador.operator.delivery.RelaySync.SyncState;
import org.junit.jupiter.api.Test;

final class StatusFactoryTest {
    private final StatusFixture scene = new StatusFixture();

    private StatusFixture convergedPair() {
        return scene.relay("a", SyncState.ACKNOWLEDGED)
                .relay("b", SyncState.ACKNOWLEDGED)
                .reconcile();
    }

    @Test
    void withoutRelaysItIsConvergedAndNotReady() {
        scene.reconcile();
        assertThat(scene.condition(CONVERGED)).isEqualTo("True NoRelays");
        assertThat(scene.condition(READY)).isEqualTo("False RelaysNotReady");
        assertThat(scene.status.summary().relays()).isEqualTo("0/2");
    }

    @Test
    void everyRunningRelayHasToAcknowledge() {
        scene.relay("a", SyncState.ACKNOWLEDGED).relay("b", SyncState.STALE).reconcile();
        assertThat(scene.condition(CONVERGED)).isEqualTo("False Propagating");
        assertThat(scene.status.summary().relays()).isEqualTo("1/2");
        assertThat(scene.status.laggards()).extracting("pod").containsExactly("b");

        scene.relay("b", SyncState.ACKNOWLEDGED).reconcile();
        assertThat(scene.condition(CONVERGED)).isEqualTo("True Acknowledged");
        assertThat(scene.status.laggards()).isEmpty();
        assertThat(scene.toldReasons()).containsExactly("Converged");
    }

    @Test
    void terminatingAndPendingPodsNeedNotAcknowledge() {
        scene.relay("a", SyncState.ACKNOWLEDGED)
                .relay(
                        new RelayPod("shop", "b", "b", Optional.of("10.0.0.2"), true, true, true),
                        RelaySync.of(StatusFixture.answer("old"), "r1"))
                .relay(
                        new RelayPod("shop", "c", "c", Optional.empty(), false, false, false),
                        StatusFixture.known(SyncState.PENDING))
                .reconcile();
        assertThat(scene.condition(CONVERGED)).isEqualTo("True Acknowledged");
        assertThat(scene.status.relays().selected()).isEqualTo(2);
    }

    @Test
    void aRetargetIsToldFromItsStartToTheTimeItTook() {
        convergedPair()
                .after(Duration.ofMinutes(1))
                .retarget(StatusFixture.table("r2", "redis-b"))
                .relay("a", SyncState.PENDING)
                .relay("b", SyncState.PENDING)
                .reconcile();
        assertThat(scene.toldReasons()).containsExactly("RetargetStarted");
        assertThat(scene.told.get(0).message())
                .isEqualTo("From 6379 -> redis-a:6379 to 6379 -> redis-b:6379, revision r2.");
        assertThat(scene.condition(CONVERGED)).isEqualTo("False Propagating");
        assertThat(scene.status.lastRetarget().convergedAt()).isNull();

        scene.after(Duration.ofMillis(420))
                .relay("a", SyncState.ACKNOWLEDGED)
                .relay("b", SyncState.ACKNOWLEDGED)
                .reconcile();
        assertThat(scene.toldReasons()).containsExactly("Converged");
        assertThat(scene.told.get(0).message()).isEqualTo("2 relays serve revision r2 after 420 ms.");
        assertThat(scene.status.lastRetarget().convergedAt()).isEqualTo("2026-11-25T10:01:00.420Z");
    }

    @Test
    void aRetargetThatIsOvertakenBeforeItsStatusWasWrittenIsToldToo() {
        convergedPair()
                .retarget(StatusFixture.table("r2", "redis-b"))
                .relay("a", SyncState.PENDING)
                .reconcile();
        scene.retarget(StatusFixture.table("r3", "redis-c")).reconcile();
        assertThat(scene.toldReasons()).containsExactly("RetargetStarted");
        assertThat(scene.status.lastRetarget().revision()).isEqualTo("r3");
        assertThat(scene.condition(CONVERGED)).isEqualTo("False Propagating");
    }

    @Test
    void convergedStaysWhenARelayJoinsLater() {
        convergedPair().relay("c", SyncState.PENDING).reconcile();
        assertThat(scene.condition(CONVERGED)).isEqualTo("True Acknowledged");
        assertThat(scene.told).isEmpty();
        assertThat(scene.status.summary().relays()).isEqualTo("2/3");
    }

    @Test
    void anEditThatNoRelayNeedsLeavesItConverged() {
        convergedPair().otherGeneration().reconcile();
        assertThat(scene.condition(CONVERGED)).isEqualTo("True Acknowledged");
        assertThat(scene.status.conditions())
                .extracting(Condition::getObservedGeneration)
                .containsOnly(2L);
        assertThat(scene.status.lastRetarget()).isNull();
        assertThat(scene.told).isEmpty();
    }

    @Test
    void unreachableRelaysMakeItUnknownAfterThirtySeconds() {
        scene.relay("a", SyncState.ACKNOWLEDGED)
                .relay("b", SyncState.UNREACHABLE)
                .reconcile();
        assertThat(scene.condition(CONVERGED)).isEqualTo("False Propagating");
        assertThat(StatusFactory.changesAfter(scene.observed(), scene.status)).contains(Duration.ofSeconds(30));

        scene.after(Duration.ofSeconds(30)).reconcile();
        assertThat(scene.condition(CONVERGED)).isEqualTo("Unknown Unacknowledged");
        assertThat(scene.message(CONVERGED)).contains("15990", "NetworkPolicy");
        assertThat(scene.toldReasons()).containsExactly("Stalled");
        assertThat(scene.status.relays().unknown()).isEqualTo(1);

        scene.after(Duration.ofSeconds(30)).reconcile();
        assertThat(scene.told).as("told once").isEmpty();
    }

    @Test
    void aRelayThatServesAnotherRevisionAfterThirtySecondsIsStalled() {
        scene.relay("a", SyncState.STALE).relay("b", SyncState.UNREACHABLE).reconcile();
        scene.after(Duration.ofSeconds(31)).reconcile();
        assertThat(scene.condition(CONVERGED)).isEqualTo("False Stalled");
        assertThat(scene.toldReasons()).containsExactly("Stalled");
    }

    @Test
    void aRelayThatRefusesIsToldAtOnce() {
        scene.relay("a", SyncState.ACKNOWLEDGED).relay("b", SyncState.ERROR).reconcile();
        assertThat(scene.condition(CONVERGED)).isEqualTo("False RelayInError");
        assertThat(scene.message(CONVERGED)).isEqualTo("1 of 2 relays acknowledged revision r1; b is ERROR.");
    }

    @Test
    void aRelayThatKeepsItsFormerTargetsIsToldAtOnceAndOnceItHasTheNewOnes() {
        convergedPair()
                .retarget(StatusFixture.table("r2", "redis-b"))
                .relay("a", SyncState.ACKNOWLEDGED)
                .relay("b", SyncState.DIALLING)
                .reconcile();
        assertThat(scene.condition(CONVERGED)).isEqualTo("False Propagating");

        scene.relay("b", SyncState.KEPT).reconcile();
        assertThat(scene.condition(CONVERGED)).isEqualTo("False PreflightFailed");
        assertThat(scene.message(CONVERGED))
                .isEqualTo("1 of 2 relays acknowledged revision r2; b is KEPT. Relays dial again until it answers.");
        assertThat(scene.status.conditions())
                .filteredOn(condition -> condition.getType().equals("Stalled"))
                .extracting(Condition::getReason)
                .containsExactly("PreflightFailed");
        assertThat(scene.toldReasons()).containsExactly("PreflightFailed");
        assertThat(scene.status.relays().stale()).isEqualTo(1);

        scene.after(Duration.ofMinutes(1)).reconcile();
        assertThat(scene.told).as("told once").isEmpty();

        scene.relay("b", SyncState.ACKNOWLEDGED).reconcile();
        assertThat(scene.condition(CONVERGED)).isEqualTo("True Acknowledged");
        assertThat(scene.toldReasons()).containsExactly("Converged");
        assertThat(scene.status.lastRetarget().convergedAt()).isNotNull();
    }

    @Test
    void aPreflightAloneIsNoRetarget() {
        LinkTable table = StatusFixture.table("r2", "redis-a");
        convergedPair()
                .retarget(new LinkTable(
                        table.revision(),
                        List.of(),
                        List.of(table.links().get(0).toBuilder()
                                .preflight(Optional.of(Preflight.ofOwnTargets(Preflight.DEFAULT_TIMEOUT)))
                                .build())))
                .reconcile();
        assertThat(scene.status.lastRetarget()).isNull();
    }

    @Test
    void aRelayThatIsTooOldIsReportedAlsoWhenTheRevisionHadConverged() {
        convergedPair().relay("c", SyncState.TOO_OLD).reconcile();
        assertThat(scene.condition(CONVERGED)).isEqualTo("False RelayTooOld");
        assertThat(scene.message(CONVERGED)).isEqualTo("c is TOO_OLD.");
        assertThat(scene.toldReasons()).containsExactly("Stalled");
        assertThat(scene.status.relays().stale()).isEqualTo(1);
        assertThat(scene.status.laggards()).extracting(Laggard::pod).containsExactly("c");
    }

    @Test
    void whatIsNotAcceptedLeavesTheRelaysReadyWithTheLastGoodTable() {
        convergedPair()
                .otherGeneration()
                .acceptance(
                        new Acceptance(ConditionReason.TARGET_IS_SELF, "A target is this Ambassador's own Service."))
                .reconcile();
        assertThat(scene.condition(ACCEPTED)).isEqualTo("False TargetIsSelf");
        assertThat(scene.condition(READY)).isEqualTo("True RelaysReady");
        assertThat(scene.condition(CONVERGED)).isEqualTo("False NotAccepted");
        assertThat(scene.status.revision()).isEqualTo("r1");
        assertThat(scene.toldReasons()).containsExactly("TargetIsSelf");
    }

    @Test
    void noConditionHasAMessageThatKubernetesWouldNotTake() {
        scene.acceptance(new Acceptance(ConditionReason.CONFLICT, "word ".repeat(20_000)))
                .relay(StatusFixture.pod("a"), new RelaySync(SyncState.ERROR, "word ".repeat(20_000), Optional.empty()))
                .reconcile();

        assertThat(scene.status.conditions())
                .extracting(Condition::getMessage)
                .allSatisfy(message -> assertThat(message).hasSizeLessThanOrEqualTo(4096));
    }

    @Test
    void aStatusThatSaysNothingNewIsEqualToTheOneBefore() {
        convergedPair();
        var first = scene.status;
        scene.after(Duration.ofMinutes(5)).reconcile();
        assertThat(scene.status).isEqualTo(first);
    }

    @Test
    void anOperatorThatHasJustStartedAndAskedNobodyTellsWhatWasTold() {
        scene.relay(StatusFixture.pod("a"), RelaySync.of(StatusFixture.answer("r1", target("ok", "")), "r1"))
                .relay("b", SyncState.UNREACHABLE)
                .reconcile();
        scene.after(Duration.ofSeconds(31)).reconcile();
        assertThat(scene.condition(CONVERGED)).isEqualTo("Unknown Unacknowledged");
        var told = scene.status;

        scene.relay("a", SyncState.PENDING).relay("b", SyncState.PENDING).reconcile();
        assertThat(scene.status).isEqualTo(told);
        scene.relay("b", SyncState.UNREACHABLE).reconcile();
        assertThat(scene.status).isEqualTo(told);
        assertThat(scene.told).isEmpty();
    }

    @Test
    void reachableIsWhatTheConnectsOfTheRelaysTell() {
        convergedPair();
        assertThat(scene.condition(TARGET_REACHABLE)).isEqualTo("Unknown NotTried");

        scene.relay(StatusFixture.pod("a"), RelaySync.of(StatusFixture.answer("r1", target("ok", "")), "r1"))
                .reconcile();
        assertThat(scene.condition(TARGET_REACHABLE)).isEqualTo("True Connected");

        scene.relay(
                        StatusFixture.pod("b"),
                        RelaySync.of(
                                StatusFixture.answer("r1", target("refused", "redis-a:6379: connection refused")),
                                "r1"))
                .reconcile();
        assertThat(scene.condition(TARGET_REACHABLE)).isEqualTo("False ConnectFailed");
        assertThat(scene.message(TARGET_REACHABLE)).isEqualTo("Port 6379, from b: redis-a:6379: connection refused");
    }

    @Test
    void aCertificateThatARelayCannotUseIsTold() {
        Link plain = StatusFixture.table("r1", "redis-a").links().get(0);
        LinkTable table = new LinkTable(
                Optional.of("r1"),
                List.of(),
                List.of(plain.toBuilder()
                        .downstreamTls(Optional.of(new DownstreamTls(
                                "orders-db-server", Optional.empty(), List.of(), Duration.ofSeconds(10))))
                        .build()));
        assertThat(types(convergedPair())).doesNotContain("ResolvedRefs");

        scene.retarget(table).relay("a", SyncState.ACKNOWLEDGED).relay("b", SyncState.ACKNOWLEDGED);
        scene.reconcile();
        assertThat(scene.condition(RESOLVED_REFS)).isEqualTo("True ResolvedRefs");

        scene.relay(StatusFixture.pod("b"), certificate("others", "is missing")).reconcile();
        assertThat(scene.condition(RESOLVED_REFS)).isEqualTo("True ResolvedRefs");

        scene.relay(StatusFixture.pod("b"), certificate("orders-db-server", "tls.key is missing"))
                .reconcile();
        assertThat(scene.condition(RESOLVED_REFS)).isEqualTo("False InvalidCertificateRef");
        assertThat(scene.message(RESOLVED_REFS))
                .isEqualTo("Certificate orders-db-server, in pod b: tls.key is missing");

        // An operator that has just started has asked no relay.
        scene.relay("a", SyncState.PENDING).relay("b", SyncState.PENDING).reconcile();
        assertThat(scene.condition(RESOLVED_REFS)).isEqualTo("False InvalidCertificateRef");
    }

    private static RelaySync certificate(String name, String error) {
        return RelaySync.of(StatusFixture.answer("r1", new RelayStatus.CertificateAnswer(name, error)), "r1");
    }

    @Test
    void itIsReconcilingWhileAnEditIsOnItsWayAndStalledWhenItCannotArrive() {
        assertThat(types(convergedPair())).doesNotContain("Reconciling", "Stalled");

        scene.retarget(StatusFixture.table("r2", "redis-b")).relay("b", SyncState.STALE);
        assertThat(types(scene.reconcile())).contains("Reconciling").doesNotContain("Stalled");

        scene.after(Duration.ofSeconds(31));
        assertThat(types(scene.reconcile())).contains("Stalled").doesNotContain("Reconciling");

        scene.relay("b", SyncState.ACKNOWLEDGED);
        assertThat(types(scene.reconcile())).doesNotContain("Reconciling", "Stalled");
    }

    private static List<String> types(StatusFixture reconciled) {
        return reconciled.status.conditions().stream().map(Condition::getType).toList();
    }

    @Test
    void aSecondTargetThatServesMakesTheLinkReachable() {
        scene.relay(
                        StatusFixture.pod("a"),
                        RelaySync.of(StatusFixture.answer("r1", target("refused", "no"), target("ok", "")), "r1"))
                .reconcile();
        assertThat(scene.condition(TARGET_REACHABLE)).isEqualTo("True Connected");
    }

    @Test
    void relaysOfAnotherVersionAreCountedAsOutdated() {
        var older = new link.ambassador.operator.delivery.RelayStatus(
                "0.0.9", Optional.of("r1"), Optional.empty(), java.util.List.of());
        scene.relay(StatusFixture.pod("a"), RelaySync.of(older, "r1")).reconcile();
        assertThat(scene.status.relays().outdated()).isEqualTo(1);
    }

    private static TargetAnswer target(String result, String error) {
        return new TargetAnswer("redis-a:6379", Optional.of(result), error);
    }

    @Test
    void aServiceThatIsHiddenIsServedAndToldForAsLongAsItIs() {
        scene.acceptance(new Acceptance(ConditionReason.SERVICE_SHADOWED, "port 26379"))
                .reconcile();
        assertThat(scene.condition(ACCEPTED)).isEqualTo("True ServiceShadowed");
        assertThat(scene.condition(CONVERGED)).isEqualTo("True NoRelays");
        assertThat(scene.observed().ongoingEvents())
                .containsExactly(new AmbassadorEvent(true, "ServiceShadowed", "port 26379"));
        assertThat(scene.acceptance(Acceptance.ACCEPTED).observed().ongoingEvents())
                .isEmpty();
    }

    @Test
    void podsOfWhichNoneCanHaveARelayAreNotTakenForNoPods() {
        AmbassadorEvent hostNetwork = new AmbassadorEvent(true, "HostNetwork", "use a gateway");
        assertThat(scene.sidecars(0, hostNetwork).reconcile().condition(READY)).isEqualTo("False NotInjected");
        assertThat(scene.message(READY)).isEqualTo("use a gateway");

        scene.sidecars(1, hostNetwork).relay("a", SyncState.ACKNOWLEDGED).reconcile();
        assertThat(scene.condition(READY)).isEqualTo("True RelaysReady");
        assertThat(scene.message(READY)).isEqualTo("use a gateway");
    }
}
