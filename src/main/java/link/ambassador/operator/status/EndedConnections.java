package link.ambassador.operator.status;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import link.ambassador.operator.delivery.RelayStatus.LinkAnswer;
import link.ambassador.operator.delivery.RelaySync.SyncState;
import link.ambassador.operator.delivery.RetargetAnswer;

/**
 * What a retarget did to connections that were open, in all relays that have acknowledged the new targets.
 *
 * @param drained how many were left to end when they are idle
 * @param reset how many were reset
 */
public record EndedConnections(long drained, long reset) {
    /**
     * The sum; empty when a relay does not say.
     *
     * @param formerTargets of each link that the retarget changed, by listen port: the {@linkplain link.ambassador.config.Sha256 names}
     *     of the targets that relays may have had. A relay whose link had others before has not changed it because of this retarget
     */
    static Optional<EndedConnections> of(ObservedState observed, Map<Integer, Set<String>> formerTargets) {
        List<LinkAnswer> answers = observed.serving().stream()
                .filter(relay -> relay.hasNewTargets() && relay.is(SyncState.ACKNOWLEDGED))
                .flatMap(relay -> relay.sync().answer().stream())
                .flatMap(answer -> answer.links().stream())
                .filter(link -> formerTargets.containsKey(link.listen()))
                .toList();
        if (answers.stream().anyMatch(link -> link.retarget().isEmpty())) {
            return Optional.empty();
        }
        List<RetargetAnswer> retargets = answers.stream()
                .filter(link -> formerTargets
                        .get(link.listen())
                        .contains(link.retarget().get().from()))
                .map(link -> link.retarget().get())
                .toList();
        return Optional.of(new EndedConnections(
                retargets.stream().mapToLong(RetargetAnswer::drained).sum(),
                retargets.stream().mapToLong(RetargetAnswer::reset).sum()));
    }
}
