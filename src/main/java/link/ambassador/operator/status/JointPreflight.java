package link.ambassador.operator.status;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import link.ambassador.api.v1alpha1.RolloutStatus;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.model.AllPreflight;
import link.ambassador.model.StagedTargets;
import link.ambassador.model.UnresolvedLink;

/**
 * How far sidecars are that dial new targets before any of them has these. A pure decision: tables follow its result once that is stored.
 *
 * <pre>
 *   other targets ──► Preflight ──enough relays reach them──► Complete
 * </pre>
 */
final class JointPreflight {
    private final AllPreflight preflight;
    private final ObservedState observed;
    private final List<Link> served;
    private final List<Link> asked;

    JointPreflight(AllPreflight preflight, ObservedState observed) {
        this.preflight = preflight;
        this.observed = observed;
        this.served = observed.tables().served().orElseThrow().links();
        this.asked = observed.tables().asked().map(LinkTable::links).orElse(served);
    }

    RolloutStatus next(Optional<RolloutStatus> before) {
        // At the first edit since the spec asks for this mode, relays still have what they served before it.
        Collection<Link> had = before.flatMap(StagedTargets::before)
                .map(Map::values)
                .orElseGet(
                        () -> observed.tables().before().map(LinkTable::links).orElse(List.of()));
        List<Link> now = preflight.candidates(had, asked);
        if (now.equals(asked) || isReached()) {
            return at(RolloutStatus.PHASE_COMPLETE, asked, had, before);
        }
        // What else the edit changes, relays have at once.
        List<Link> withoutCandidates = now.stream()
                .map(link -> link.candidate().isPresent()
                        ? link.toBuilder().preflight(Optional.empty()).build()
                        : link)
                .toList();
        return at(RolloutStatus.PHASE_PREFLIGHT, withoutCandidates, had, before);
    }

    private RolloutStatus at(String phase, List<Link> links, Collection<Link> had, Optional<RolloutStatus> before) {
        String id = StagedTargets.id(asked);
        String text = StagedTargets.remembered(
                        Stream.concat(links.stream(), unresolved(had)).toList())
                .or(() -> StagedTargets.remembered(links))
                .orElseGet(() -> before.map(RolloutStatus::formerLinks).orElse(null));
        return before.filter(
                        same -> same.is(phase) && id.equals(same.targets()) && Objects.equals(text, same.formerLinks()))
                .orElseGet(() -> RolloutStatus.withoutSteps(
                        phase, id, observed.reconcile().generation(), null, text));
    }

    /** The links that relays serve as before, because certificates are missing. They are preflighted when these are there. */
    private Stream<Link> unresolved(Collection<Link> had) {
        Set<Integer> ports = observed.tables().unresolved().orElse(List.of()).stream()
                .map(UnresolvedLink::listen)
                .collect(Collectors.toSet());
        return had.stream().filter(link -> ports.contains(link.listen()));
    }

    private boolean isReached() {
        List<ObservedRelay> serving = observed.serving();
        long reaching = serving.stream()
                .filter(relay -> relay.sync().reachesCandidates(served))
                .count();
        return served.stream().anyMatch(link -> link.candidate().isPresent())
                && preflight.isEnough(reaching, serving.size());
    }
}
