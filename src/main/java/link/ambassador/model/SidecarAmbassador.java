package link.ambassador.model;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.config.Link;

/**
 * An Ambassador whose relays are sidecars, with what matters to the tables of pods.
 *
 * @param selector of the pods of its namespace
 * @param outcome its own links, or why it has none
 */
public record SidecarAmbassador(
        String namespace, String name, String uid, Instant createdAt, PodSelector selector, TableOutcome outcome) {
    /** The older first, because it keeps the ports that it has in a pod. If two are equally old, their names decide. */
    public static final Comparator<SidecarAmbassador> BY_AGE = Comparator.comparing(SidecarAmbassador::createdAt)
            .thenComparing(SidecarAmbassador::namespace)
            .thenComparing(SidecarAmbassador::name)
            .thenComparing(SidecarAmbassador::uid);

    /**
     * Empty for a gateway.
     *
     * @param bundles the ConfigMaps that links name
     */
    public static Optional<SidecarAmbassador> of(Ambassador ambassador, CaBundles bundles) {
        if (Placement.of(ambassador) != Placement.SIDECAR) {
            return Optional.empty();
        }
        return Optional.of(new SidecarAmbassador(
                ambassador.getMetadata().getNamespace(),
                ambassador.getMetadata().getName(),
                ambassador.getMetadata().getUid(),
                Instant.parse(ambassador.getMetadata().getCreationTimestamp()),
                PodSelector.of(ambassador.getSpec().placement().sidecar().selector()),
                unlessItDialsItself(DesiredTable.of(ambassador, bundles))));
    }

    private static TableOutcome unlessItDialsItself(TableOutcome outcome) {
        if (!(outcome instanceof TableOutcome.Table desired)) {
            return outcome;
        }
        List<Link> links = desired.table().links();
        return SidecarLoops.of(links, links.stream().map(Link::listen).toList())
                .<TableOutcome>map(found -> new TableOutcome.Refused(
                        ConditionReason.TARGET_IS_SELF,
                        found.sentence()
                                + ", so it would dial itself. Use the Service or host that the connections"
                                + " are for, or the port where the app listens."))
                .orElse(outcome);
    }

    public boolean selects(Map<String, String> podLabels) {
        return selector.matches(podLabels);
    }
}
