package link.ambassador.model;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;

/**
 * An Ambassador whose relays are sidecars, with what matters to the tables of pods.
 *
 * @param selector of the pods of its namespace
 * @param outcome its own links, or why it has none
 * @param staged which pods have the targets of these links already, while not all of them are to
 */
public record SidecarAmbassador(
        String namespace,
        String name,
        String uid,
        Instant createdAt,
        PodSelector selector,
        TableOutcome outcome,
        Optional<StagedTargets> staged) {
    /** The older first, because it keeps the ports that it has in a pod. If two are equally old, their names decide. */
    public static final Comparator<SidecarAmbassador> BY_AGE = Comparator.comparing(SidecarAmbassador::createdAt)
            .thenComparing(SidecarAmbassador::namespace)
            .thenComparing(SidecarAmbassador::name)
            .thenComparing(SidecarAmbassador::uid);

    /** One whose pods all have the same links. */
    public SidecarAmbassador(
            String namespace, String name, String uid, Instant createdAt, PodSelector selector, TableOutcome outcome) {
        this(namespace, name, uid, createdAt, selector, outcome, Optional.empty());
    }

    /**
     * Empty for a gateway.
     *
     * @param bundles the ConfigMaps that links name
     */
    public static Optional<SidecarAmbassador> of(Ambassador ambassador, CaBundles bundles) {
        if (Placement.of(ambassador) != Placement.SIDECAR) {
            return Optional.empty();
        }
        TableOutcome outcome = understood(DesiredTable.of(ambassador, bundles));
        Optional<StagedTargets> staged = outcome instanceof TableOutcome.Table desired
                ? StagedTargets.of(ambassador, desired)
                : Optional.empty();
        return Optional.of(new SidecarAmbassador(
                ambassador.getMetadata().getNamespace(),
                ambassador.getMetadata().getName(),
                ambassador.getMetadata().getUid(),
                Instant.parse(ambassador.getMetadata().getCreationTimestamp()),
                PodSelector.of(ambassador.getSpec().placement().sidecar().selector()),
                staged.isPresent() ? withTableBefore(outcome, staged.get()) : outcome,
                staged));
    }

    /** Refused when a relay without the new targets could have no table. */
    private static TableOutcome withTableBefore(TableOutcome outcome, StagedTargets staged) {
        try {
            LinkTable.of(staged.asBefore(((TableOutcome.Table) outcome).table().links()));
            return outcome;
        } catch (IllegalArgumentException e) {
            return StagedTargets.refusal(e);
        }
    }

    private static TableOutcome understood(TableOutcome outcome) {
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

    /**
     * The Ambassador with the links that one pod is to have of it.
     *
     * @param podUid empty for a pod that is about to be created
     */
    public SidecarAmbassador forPod(Optional<String> podUid) {
        if (staged.isEmpty() || staged.get().hasNew(podUid) || !(outcome instanceof TableOutcome.Table desired)) {
            return this;
        }
        if (!staged.get().isBeforeKnown()) {
            return with(new TableOutcome.Refused("the retarget has not begun"));
        }
        List<Link> links = staged.get().asBefore(desired.table().links());
        LinkTable table = new LinkTable(
                Optional.of(DesiredTable.revision(links)), desired.table().sources(), links);
        return with(new TableOutcome.Table(table, desired.unresolved(), desired.credentials(), Optional.empty()));
    }

    /** The credentials of its links, first those of relays that have not the new targets of a staged retarget. */
    public List<String> credentials() {
        return outcome instanceof TableOutcome.Table desired
                ? Stream.concat(
                                staged.stream().flatMap(now -> now.credentials().stream()),
                                desired.credentials().stream())
                        .distinct()
                        .toList()
                : List.of();
    }

    private SidecarAmbassador with(TableOutcome ofPod) {
        return new SidecarAmbassador(namespace, name, uid, createdAt, selector, ofPod);
    }

    /** The table of relays that dial the new targets before all of them have these; empty unless it is known what relays have. */
    public Optional<LinkTable> candidates() {
        return staged.filter(now -> now.preflight().isPresent())
                .flatMap(now -> forPod(Optional.empty()).outcome() instanceof TableOutcome.Table candidates
                        ? Optional.of(candidates.table())
                        : Optional.empty());
    }

    /** Whether all relays are to dial the new targets before any of them has these. */
    public boolean isInPreflight() {
        return staged.flatMap(StagedTargets::preflight).isPresent();
    }

    public boolean selects(Map<String, String> podLabels) {
        return selector.matches(podLabels);
    }
}
