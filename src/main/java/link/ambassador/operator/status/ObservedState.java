package link.ambassador.operator.status;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.api.v1alpha1.HoldSpec;
import link.ambassador.config.LinkTable;
import link.ambassador.model.Placement;
import link.ambassador.model.UnresolvedLink;

/**
 * Everything that a reconcile found, and that a status is made of.
 *
 * @param acceptance whether the generation that was reconciled is applied
 * @param wanted how many relays there should be
 * @param relays those that there are, terminating ones too
 * @param restartNeeded what consumers' pods lack until they are recreated; empty for a gateway
 * @param ongoing what goes on for pods that are served only in part, or not at all
 * @param waitsForRollout whether its relays wait for another gateway's rollout before they run the new image
 */
public record ObservedState(
        Reconcile reconcile,
        Placement placement,
        Acceptance acceptance,
        Tables tables,
        int wanted,
        List<ObservedRelay> relays,
        Optional<Restart> restartNeeded,
        List<AmbassadorEvent> ongoing,
        boolean waitsForRollout) {

    /**
     * The reconcile that observed this.
     *
     * @param name of the Ambassador
     * @param generation of the Ambassador
     * @param version of this operator
     * @param hold the hold that the spec asks for; empty without one
     */
    public record Reconcile(String name, long generation, String version, Instant now, Optional<HoldSpec> hold) {}

    /**
     * The tables of the relays.
     *
     * @param before the table that they served when the reconcile began; empty when there was none
     * @param served the table that they are to serve: of this generation, or the last good one; empty when there was none yet
     * @param unresolved the links of this generation that are served as before; empty when no link names a ConfigMap
     * @param asked the table of this generation, while sidecars dial its targets before they serve it; empty when they are to serve it
     */
    public record Tables(
            Optional<LinkTable> before,
            Optional<LinkTable> served,
            Optional<List<UnresolvedLink>> unresolved,
            Optional<LinkTable> asked) {
        /** Of relays that are to serve the table of this generation. */
        public Tables(
                Optional<LinkTable> before, Optional<LinkTable> served, Optional<List<UnresolvedLink>> unresolved) {
            this(before, served, unresolved, Optional.empty());
        }

        /** Of links that name no ConfigMap. */
        public Tables(Optional<LinkTable> before, Optional<LinkTable> served) {
            this(before, served, Optional.empty());
        }
    }

    /**
     * What pods lack until they are recreated.
     *
     * @param unserved whether some pods lack a relay or one of its ports, and not only names
     */
    public record Restart(boolean unserved, String sentence) {}

    /** What is recorded as an Event for as long as it goes on. */
    public List<AmbassadorEvent> ongoingEvents() {
        return acceptance.reason() == ConditionReason.SERVICE_SHADOWED
                ? Stream.concat(
                                ongoing.stream(),
                                Stream.of(new AmbassadorEvent(
                                        true, acceptance.reason().word(), acceptance.message())))
                        .toList()
                : ongoing;
    }

    Optional<UnresolvedLink> firstUnresolved() {
        return tables.unresolved().flatMap(links -> links.stream().findFirst());
    }

    Optional<String> revision() {
        return tables.served().flatMap(LinkTable::revision);
    }

    /** The relays that serve consumers now. */
    List<ObservedRelay> serving() {
        return relays.stream().filter(ObservedRelay::isServing).toList();
    }
}
