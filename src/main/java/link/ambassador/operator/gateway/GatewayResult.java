package link.ambassador.operator.gateway;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.model.Placement;
import link.ambassador.model.StagedTargets;
import link.ambassador.operator.status.Acceptance;
import link.ambassador.operator.status.AmbassadorEvent;
import link.ambassador.operator.status.ObservedRelay;
import link.ambassador.operator.status.ObservedState;

/**
 * The result of a reconcile of a gateway.
 *
 * @param acceptance whether the Ambassador is applied as it is
 * @param tables those of its relays; the last good table is still served when the Ambassador is not accepted
 * @param delivered the table that its relays read, which differs from the one that they are to serve while a retarget is staged
 * @param staged which of its relays have the targets of the spec already; empty when all of them are to have them
 * @param written whether the table was another one before, or somebody had edited it, so that relays may serve that one
 * @param deployment the Deployment of its pods; empty while there is none
 * @param ongoing what is recorded as an Event for as long as it goes on
 * @param adopted the objects without an owner that were taken over now
 * @param waitsFor why its relays do not run the new image yet; empty when they do, or are about to
 * @param tooNew the links of the spec that are served as they were, because a pod's relay does not know a feature of theirs or has
 *     not their credentials
 */
public record GatewayResult(
        Acceptance acceptance,
        ObservedState.Tables tables,
        Optional<LinkTable> delivered,
        Optional<StagedTargets> staged,
        boolean written,
        int replicas,
        Optional<Deployment> deployment,
        List<AmbassadorEvent> ongoing,
        Optional<AmbassadorEvent> adopted,
        Optional<RolloutWait> waitsFor,
        List<Link> tooNew) {

    /**
     * The observed state, from which the status is made.
     *
     * @param relays the pods of the gateway, by name
     */
    public ObservedState observed(ObservedState.Reconcile reconcile, List<ObservedRelay> relays) {
        return new ObservedState(
                reconcile,
                Placement.GATEWAY,
                acceptance,
                tables,
                replicas,
                relays,
                Optional.empty(),
                Stream.concat(ongoing.stream(), waitsFor.flatMap(RolloutWait::event).stream())
                        .toList(),
                waitsFor.isPresent());
    }
}
