package link.ambassador.operator.status;

import static java.util.stream.Collectors.groupingBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.api.v1alpha1.RolloutStatus;
import link.ambassador.config.Annotations;
import link.ambassador.config.LinkTable;
import link.ambassador.config.RelayEnvironment;
import link.ambassador.model.UnresolvedLink;
import link.ambassador.operator.delivery.RelaySync.SyncState;

/**
 * How far a revision has come, and the condition Converged that reports it.
 *
 * <pre>
 *   another revision ──► Propagating ──all──► Acknowledged ──(latched until another revision)
 *                          │  ▲ │
 *                   30 s   │  │ ├──a relay refuses──► RelayInError
 *                          │  │ └──a relay keeps its former targets──► PreflightFailed
 *                          ▼  │
 *               Stalled, or Unacknowledged when no remaining relay can be polled
 * </pre>
 */
record Convergence(ConditionReason reason, String message) {
    static final Duration PATIENCE = Duration.ofSeconds(30);

    /**
     * @param latched the reason of the condition if it was True for this very revision already
     * @param elapsed since the revision is wanted
     */
    static Convergence of(ObservedState observed, Optional<ConditionReason> latched, Duration elapsed) {
        List<ObservedRelay> serving = observed.serving();
        if (!observed.acceptance().isAccepted()) {
            return new Convergence(ConditionReason.NOT_APPLIED, ConditionReason.NOT_APPLIED.sentence());
        }
        Optional<UnresolvedLink> unresolved = observed.firstUnresolved();
        if (unresolved.isPresent()) {
            return new Convergence(
                    ConditionReason.REFS_NOT_RESOLVED,
                    unresolved.get().sentence() + " Relays serve the link as before.");
        }
        if (serving.isEmpty()) {
            return latched.map(Convergence::plain).orElseGet(() -> plain(ConditionReason.NO_RELAYS));
        }
        Map<SyncState, List<ObservedRelay>> by =
                serving.stream().collect(groupingBy(relay -> relay.sync().state()));
        int acknowledged = by.getOrDefault(SyncState.ACKNOWLEDGED, List.of()).size();
        if (acknowledged == serving.size()) {
            return observed.tables()
                    .served()
                    .filter(Convergence::hasCandidates)
                    .map(table -> preflight(table, serving))
                    .orElseGet(() -> plain(ConditionReason.ACKNOWLEDGED));
        }
        List<ObservedRelay> tooOld = by.getOrDefault(SyncState.TOO_OLD, List.of());
        if (!tooOld.isEmpty()) {
            return new Convergence(ConditionReason.RELAY_TOO_OLD, first(tooOld));
        }
        List<ObservedRelay> withoutCredential = by.getOrDefault(SyncState.WITHOUT_CREDENTIAL, List.of());
        if (!withoutCredential.isEmpty()) {
            return new Convergence(ConditionReason.CREDENTIAL_NOT_MOUNTED, first(withoutCredential));
        }
        if (latched.isPresent()) {
            return plain(latched.get());
        }
        String progress = acknowledged + " of " + serving.size() + " relays acknowledged revision "
                + observed.revision().orElse("");
        List<ObservedRelay> inError = by.getOrDefault(SyncState.ERROR, List.of());
        if (!inError.isEmpty()) {
            return new Convergence(ConditionReason.RELAY_IN_ERROR, progress + "; " + first(inError));
        }
        List<ObservedRelay> kept = by.getOrDefault(SyncState.KEPT, List.of());
        if (!kept.isEmpty()) {
            return keptTargets(progress, kept);
        }
        if (elapsed.compareTo(PATIENCE) < 0) {
            return new Convergence(ConditionReason.PROPAGATING, progress + ".");
        }
        List<ObservedRelay> unreachable = by.getOrDefault(SyncState.UNREACHABLE, List.of());
        if (acknowledged + unreachable.size() == serving.size()) {
            return new Convergence(
                    ConditionReason.UNACKNOWLEDGED,
                    progress + "; " + first(unreachable) + " They may be up to date. Allow the operator to reach port "
                            + RelayEnvironment.DEFAULT_ADMIN_PORT + " of these pods, for example by a NetworkPolicy.");
        }
        List<ObservedRelay> others = serving.stream()
                .filter(relay -> !relay.is(SyncState.ACKNOWLEDGED) && !relay.is(SyncState.UNREACHABLE))
                .toList();
        return new Convergence(ConditionReason.STALLED, progress + "; " + first(others));
    }

    /** What a staged retarget says of the condition; empty when it is complete. */
    static Optional<Convergence> of(RolloutStatus rollout, ObservedState observed) {
        if (!observed.acceptance().isAccepted()
                || observed.firstUnresolved().isPresent()
                || rollout.is(RolloutStatus.PHASE_COMPLETE)) {
            return Optional.empty();
        }
        if (rollout.is(RolloutStatus.PHASE_PREFLIGHT)) {
            return observed.tables().served().filter(Convergence::hasCandidates).isPresent()
                    ? Optional.empty()
                    : Optional.of(new Convergence(
                            ConditionReason.PROPAGATING, "The relays are about to dial the new targets."));
        }
        String step = rollout.step() + " of " + rollout.steps();
        String failed = rollout.failed() + " of " + rollout.connects() + " connects failed";
        String progress = "Step " + step + ": " + rollout.relaysMoved() + " of "
                + observed.serving().size() + " relays, " + failed;
        if (rollout.waitsForHold()) {
            return Optional.of(new Convergence(
                    ConditionReason.ROLLOUT_HELD, progress + ". The steps wait for the end of the hold."));
        }
        if (rollout.is(RolloutStatus.PHASE_STAGED)) {
            List<ObservedRelay> kept = observed.serving().stream()
                    .filter(relay -> relay.is(SyncState.KEPT))
                    .toList();
            if (!kept.isEmpty()) {
                return Optional.of(keptTargets(progress, kept));
            }
            List<ObservedRelay> behind = observed.serving().stream()
                    .filter(relay ->
                            relay.hasNewTargets() && !relay.is(SyncState.ACKNOWLEDGED) && !relay.is(SyncState.PENDING))
                    .toList();
            return Optional.of(new Convergence(
                    ConditionReason.STAGED, progress + (behind.isEmpty() ? "." : "; " + first(behind))));
        }
        String again = " Edit the spec, or change the annotation " + Annotations.RETRY + " to try again.";
        return Optional.of(
                rollout.is(RolloutStatus.PHASE_PAUSED)
                        ? new Convergence(
                                ConditionReason.ROLLOUT_PAUSED,
                                progress + ", so no further relay gets the new targets." + again)
                        : new Convergence(
                                ConditionReason.ROLLED_BACK,
                                "In step " + step + ", " + failed + ", so relays have the targets from before."
                                        + again));
    }

    private static Convergence keptTargets(String progress, List<ObservedRelay> kept) {
        return new Convergence(
                ConditionReason.PREFLIGHT_FAILED,
                progress + "; " + first(kept) + " Relays dial again until it answers.");
    }

    private static boolean hasCandidates(LinkTable table) {
        return table.links().stream().anyMatch(link -> link.candidate().isPresent());
    }

    /** Every relay has its former targets, until enough of them reach the new ones. */
    private static Convergence preflight(LinkTable table, List<ObservedRelay> serving) {
        long reaching = serving.stream()
                .filter(relay -> relay.sync().reachesCandidates(table.links()))
                .count();
        List<String> unreachable = serving.stream()
                .flatMap(relay -> relay.sync().answer().stream()
                        .flatMap(answer -> answer.unreachableCandidate().stream())
                        .map(error -> relay.pod().name() + ": " + error))
                .toList();
        String progress = reaching + " of " + serving.size() + " relays reach the new targets";
        return unreachable.isEmpty()
                ? new Convergence(ConditionReason.PROPAGATING, progress + ".")
                : new Convergence(
                        ConditionReason.PREFLIGHT_FAILED,
                        progress + "; " + unreachable.get(0)
                                + (unreachable.size() > 1 ? " (and " + (unreachable.size() - 1) + " more)" : "")
                                + ". Every relay keeps the former targets, and dials again until enough of them reach"
                                + " the new ones.");
    }

    private static Convergence plain(ConditionReason reason) {
        return new Convergence(reason, reason.sentence());
    }

    private static String first(List<ObservedRelay> relays) {
        ObservedRelay relay = relays.get(0);
        String more = relays.size() > 1 ? " (and " + (relays.size() - 1) + " more)" : "";
        String sentence = relay.sync().sentence();
        return relay.pod().name() + " "
                + (sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence) + more + ".";
    }
}
