package link.ambassador.operator.status;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.api.v1alpha1.Laggard;
import link.ambassador.api.v1alpha1.RelayCounts;
import link.ambassador.operator.delivery.RelaySync.SyncState;

/** How many relays there are, by what is known of them, and those that are behind. */
final class RelayTally {
    private static final int MOST_LAGGARDS = 10;

    private RelayTally() {}

    /** @param kept the status before, if what that says of relays stays */
    static RelayCounts counts(ObservedState observed, Optional<AmbassadorStatus> kept) {
        List<ObservedRelay> living = observed.relays().stream()
                .filter(relay -> !relay.pod().terminating())
                .toList();
        int selected = Math.max(observed.wanted(), living.size());
        if (kept.isPresent()) {
            RelayCounts before = kept.get().relays();
            return new RelayCounts(
                    selected, living.size(), before.converged(), before.stale(), before.unknown(), before.outdated());
        }
        List<ObservedRelay> serving = observed.serving();
        return new RelayCounts(
                selected,
                living.size(),
                count(serving, SyncState.ACKNOWLEDGED),
                count(
                        serving,
                        SyncState.STALE,
                        SyncState.DIALLING,
                        SyncState.KEPT,
                        SyncState.ERROR,
                        SyncState.TOO_OLD,
                        SyncState.WITHOUT_CREDENTIAL),
                count(serving, SyncState.UNREACHABLE, SyncState.PENDING),
                (int) serving.stream()
                        .filter(relay -> relay.isOtherThan(observed.reconcile().version()))
                        .count());
    }

    private static int count(List<ObservedRelay> relays, SyncState... states) {
        return (int) relays.stream()
                .filter(relay -> Arrays.stream(states).anyMatch(relay::is))
                .count();
    }

    static List<Laggard> laggards(ObservedState observed) {
        return observed.serving().stream()
                .filter(relay -> !relay.is(SyncState.ACKNOWLEDGED))
                .map(relay -> new Laggard(relay.pod().name(), relay.sync().sentence()))
                .sorted(Comparator.comparing(Laggard::pod))
                .limit(MOST_LAGGARDS)
                .toList();
    }
}
