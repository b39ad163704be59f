package link.ambassador.operator.status;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.config.LinkTable;

/**
 * Everything that a reconcile found, and a status is made of.
 *
 * @param generation of the Ambassador that was reconciled
 * @param acceptance whether that generation is applied
 * @param served the table that the relays are to serve: of this generation, or the last good one; empty when there was
 *     none yet
 * @param before the table that they served when this reconcile began; empty when there was none
 * @param placement gateway or sidecar
 * @param wanted how many relays there should be
 * @param relays those that there are, terminating ones too
 * @param restartNeeded what pods of consumers lack until they are created anew; empty for a gateway
 * @param ongoing of pods that are served only in part, or not at all: what is to be heard of for as long as it is so
 * @param waitsForRollout whether its relays wait for another gateway's rollout before they run the new image
 * @param version of this operator
 */
public record ObservedState(
        long generation,
        Acceptance acceptance,
        Optional<LinkTable> served,
        Optional<LinkTable> before,
        String placement,
        int wanted,
        List<ObservedRelay> relays,
        Optional<Restart> restartNeeded,
        List<AmbassadorEvent> ongoing,
        boolean waitsForRollout,
        int adminPort,
        String version,
        Instant now) {

    /**
     * What pods lack until they are created anew.
     *
     * @param unserved whether some lack a relay or a port of it, and not only names
     */
    public record Restart(boolean unserved, String sentence) {}

    /** Everything that is to be heard of for as long as it is so. */
    public List<AmbassadorEvent> ongoingEvents() {
        return acceptance.reason() == ConditionReason.SERVICE_SHADOWED
                ? Stream.concat(
                                ongoing.stream(),
                                Stream.of(new AmbassadorEvent(
                                        true, acceptance.reason().word(), acceptance.message())))
                        .toList()
                : ongoing;
    }

    Optional<String> revision() {
        return served.flatMap(LinkTable::revision);
    }

    /** Those that serve consumers now. */
    List<ObservedRelay> serving() {
        return relays.stream().filter(ObservedRelay::counts).toList();
    }
}
