package link.ambassador.operator.gateway;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.config.Feature;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.model.AllPreflight;
import link.ambassador.model.OlderRelay;
import link.ambassador.model.StagedTargets;
import link.ambassador.model.TableOutcome;
import link.ambassador.operator.status.Acceptance;

/**
 * The table that the relays of a gateway read next. It follows from what the spec asks for, from the table that they have, and from
 * what the relays that run know and reach.
 *
 * @param tooNew the links of the spec that stay as they are, because a pod's relay does not know a feature of theirs or has not their
 *     credentials
 * @param staged which relays have the targets of the spec already; empty when all of them are to have them
 * @param choice the table, or why there is none
 */
record NextTable(List<Link> tooNew, Optional<StagedTargets> staged, Choice choice) {
    /** The table, or why there is none. */
    sealed interface Choice permits Serve, Nothing, Refuse {}

    /**
     * Relays read a table.
     *
     * @param served the one that they are to serve
     * @param delivered the one that they read, which differs while a retarget is staged
     */
    record Serve(LinkTable served, LinkTable delivered) implements Choice {}

    /** A spec without a link that can be served, and no table before. */
    record Nothing() implements Choice {}

    /** Nothing may change. */
    record Refuse(Acceptance why) implements Choice {}

    /**
     * What it follows from.
     *
     * @param before the table that the relays have; empty while they have none
     * @param running the pods that have not ended; those whose relay is older are replaced by the rollout of the Deployment
     * @param reached whether enough relays reach the candidates of a table
     * @param deployment the name of the Deployment of these pods
     */
    record Inputs(
            Ambassador ambassador,
            TableOutcome.Table outcome,
            Optional<LinkTable> before,
            List<Pod> running,
            BiPredicate<AllPreflight, LinkTable> reached,
            String deployment) {}

    static NextTable of(Inputs inputs) {
        Optional<LinkTable> before = inputs.before();
        LinkTable asked = inputs.outcome().withLastGood(before);
        LinkTable spec;
        try {
            spec = StagedTargets.isStaged(inputs.ambassador())
                    ? asked
                    : inputs.outcome().next(before, asked, inputs.reached());
        } catch (IllegalArgumentException e) {
            return new NextTable(List.of(), Optional.empty(), refusal(e));
        }
        if (spec.links().isEmpty() && before.isEmpty()) {
            return new NextTable(List.of(), Optional.empty(), new Nothing());
        }
        OlderRelay oldest = new OlderRelay(
                GatewayPods.features(inputs.running()),
                GatewayPods.credentials(inputs.running())
                        .orElseGet(() -> Set.copyOf(inputs.outcome().credentials())),
                before);
        List<Link> tooNew =
                spec.links().stream().filter(link -> !oldest.knows(link)).toList();
        LinkTable known = oldest.served(spec);
        if (known.links().isEmpty()) {
            // A Service needs a port.
            if (before.isEmpty()) {
                return new NextTable(
                        tooNew,
                        Optional.empty(),
                        new Refuse(new Acceptance(
                                ConditionReason.REFUSED,
                                "The pods of Deployment " + inputs.deployment()
                                        + " run an older relay, which does not know the spec's links, and their ConfigMap is gone."
                                        + " Delete the Deployment; nothing was changed.")));
            }
            known = before.get();
        }
        boolean knowStages = GatewayPods.features(inputs.running()).contains(Feature.STAGED);
        Optional<StagedTargets> staged = StagedTargets.of(
                        inputs.ambassador(), inputs.outcome().table())
                .map(wanted -> knowStages ? wanted : wanted.unlessForAll());
        try {
            LinkTable delivered = sameOr(before, inStages(inputs, staged, known));
            return new NextTable(tooNew, staged, new Serve(staged.isPresent() ? known : delivered, delivered));
        } catch (IllegalArgumentException e) {
            return new NextTable(tooNew, staged, refusal(e));
        }
    }

    private static Refuse refusal(IllegalArgumentException why) {
        TableOutcome.Refused refusal = StagedTargets.refusal(why);
        return new Refuse(new Acceptance(refusal.reason(), refusal.sentence()));
    }

    /** The table of all relays, while not all of them are to have the targets of the spec. */
    private static LinkTable inStages(Inputs inputs, Optional<StagedTargets> staged, LinkTable known) {
        if (staged.isEmpty()) {
            return known;
        }
        if (!staged.get().isBeforeKnown()) {
            return inputs.before().orElse(known);
        }
        return staged.get()
                .tableFor(
                        known,
                        inputs.running().stream()
                                .map(Pod::getMetadata)
                                .collect(Collectors.toMap(ObjectMeta::getUid, ObjectMeta::getName)));
    }

    /** An equal table stays as it was written, although it names another generation. */
    private static LinkTable sameOr(Optional<LinkTable> before, LinkTable wanted) {
        return before.filter(has -> areEqual(has, wanted)).orElse(wanted);
    }

    /** The revision alone is not enough: somebody may have edited the links, and left the revision as it was. */
    static boolean areEqual(LinkTable one, LinkTable other) {
        return one.revision().equals(other.revision())
                && one.links().equals(other.links())
                && one.staged().equals(other.staged());
    }
}
