package link.ambassador.operator.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.Target;
import link.ambassador.operator.status.EndedConnections;
import link.ambassador.operator.status.ObservedState;
import org.junit.jupiter.api.Test;

class HistoryStepTest {
    private static final Instant NOW = Instant.parse("2026-11-30T15:20:00.123Z");
    private static final List<Link> A = links("redis-a");
    private static final List<Link> B = links("redis-b");

    private static final HistoryStep.Ending CONVERGED =
            new HistoryStep.Ending("Converged", Optional.of(NOW), Optional.of(new EndedConnections(12, 0)));
    private static final HistoryStep.Ending ROLLED_BACK =
            new HistoryStep.Ending("RolledBack", Optional.empty(), Optional.empty());

    @Test
    void theFirstTableIsNoRetarget() {
        assertThat(next(Optional.empty(), 1, Optional.empty(), A)).isInstanceOf(HistoryStep.Nothing.class);
    }

    @Test
    void otherTargetsAreARetarget() {
        assertThat(next(Optional.empty(), 2, Optional.of(A), B))
                .isEqualTo(new HistoryStep.Began(
                        new Retarget(2, A, B, "kubectl", NOW, Optional.empty(), Optional.empty())));
    }

    @Test
    void anotherTimeoutIsNoRetarget() {
        List<Link> slower = List.of(Link.builder("redis", 6379, A.get(0).targets())
                .connectTimeout(Duration.ofSeconds(9))
                .build());

        assertThat(next(Optional.empty(), 2, Optional.of(A), slower)).isInstanceOf(HistoryStep.Nothing.class);
    }

    @Test
    void aRetargetThatNobodyRememberedIsRememberedLater() {
        Retarget first = new Retarget(2, A, B, "", NOW, Optional.of(NOW), Optional.of("Converged"));

        // A restarted operator finds relays that serve the new table already.
        assertThat(next(Optional.of(first), 3, Optional.of(A), A))
                .isEqualTo(new HistoryStep.Began(
                        new Retarget(3, B, A, "kubectl", NOW, Optional.empty(), Optional.empty())));
    }

    @Test
    void itsOutcomeIsRememberedOnce() {
        Retarget begun = new Retarget(2, A, B, "", NOW, Optional.empty(), Optional.empty());
        Retarget converged = new Retarget(2, A, B, "", NOW, Optional.of(NOW), Optional.of("Converged"));

        assertThat(ended(begun, CONVERGED)).isEqualTo(new HistoryStep.Ended(begun, CONVERGED));
        assertThat(ended(converged, CONVERGED)).isInstanceOf(HistoryStep.Nothing.class);
        assertThat(ended(converged, ROLLED_BACK)).isInstanceOf(HistoryStep.Nothing.class);
    }

    @Test
    void aRetargetThatFailedMayConvergeLater() {
        Retarget failed = new Retarget(2, A, B, "", NOW, Optional.empty(), Optional.of("RolledBack"));

        assertThat(ended(failed, ROLLED_BACK)).isInstanceOf(HistoryStep.Nothing.class);
        assertThat(ended(failed, CONVERGED)).isEqualTo(new HistoryStep.Ended(failed, CONVERGED));
    }

    @Test
    void anOutcomeIsRememberedWithWhatBecameOfConnections() {
        assertThat(Retarget.patch(CONVERGED))
                .isEqualTo(
                        """
                        {"metadata":{"annotations":{"ambassador.link/converged-at":"2026-11-30T15:20:00.123Z",\
                        "ambassador.link/drained":"12","ambassador.link/outcome":"Converged","ambassador.link/reset":"0"}}}\
                        """);
        assertThat(Retarget.patch(ROLLED_BACK))
                .as("nobody knows, and what an earlier try did is gone")
                .isEqualTo(
                        """
                        {"metadata":{"annotations":{"ambassador.link/drained":null,\
                        "ambassador.link/outcome":"RolledBack","ambassador.link/reset":null}}}\
                        """);
    }

    @Test
    void aReconcileOfAnOlderGenerationRemembersNothing() {
        Retarget newest = new Retarget(3, A, B, "", NOW, Optional.empty(), Optional.empty());

        assertThat(next(Optional.of(newest), 2, Optional.of(A), A)).isInstanceOf(HistoryStep.Nothing.class);
    }

    private static HistoryStep ended(Retarget newest, HistoryStep.Ending ending) {
        return HistoryStep.next(Optional.of(newest), reconcile(2), tables(Optional.of(B), B), "", Optional.of(ending));
    }

    private static HistoryStep next(
            Optional<Retarget> newest, long generation, Optional<List<Link>> before, List<Link> now) {
        return HistoryStep.next(newest, reconcile(generation), tables(before, now), "kubectl", Optional.empty());
    }

    private static ObservedState.Reconcile reconcile(long generation) {
        return new ObservedState.Reconcile("redis", generation, "1", NOW, Optional.empty());
    }

    private static ObservedState.Tables tables(Optional<List<Link>> before, List<Link> now) {
        return new ObservedState.Tables(before.map(LinkTable::of), Optional.of(LinkTable.of(now)));
    }

    private static List<Link> links(String host) {
        return List.of(
                Link.builder("redis", 6379, List.of(new Target(host, 6379))).build());
    }
}
