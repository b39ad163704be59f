package link.ambassador.operator.history;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.api.v1alpha1.ConditionType;
import link.ambassador.api.v1alpha1.LastRetarget;
import link.ambassador.config.Labels;
import link.ambassador.config.Printable;
import link.ambassador.operator.status.EndedConnections;
import link.ambassador.operator.status.ObservedState;

/**
 * Remembers the latest {@value HistoryStep#MOST} retargets of each Ambassador, as ControllerRevisions that it owns. Their deletion by
 * somebody else costs the memory and nothing more. Callable from any thread, one reconcile of an Ambassador at a time.
 */
public final class RetargetHistory {
    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

    /** Kubernetes allows no longer name of a field manager. */
    private static final int LONGEST_MANAGER = 128;

    private final KubernetesClient kubernetes;
    private final InformerEventSource<ControllerRevision, Ambassador> objects;

    /** Its event source has to be registered, and started before the first {@link #remember}. */
    public RetargetHistory(EventSourceContext<Ambassador> context) {
        this.kubernetes = context.getClient();
        // An event of theirs is no reason to reconcile.
        this.objects = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(ControllerRevision.class, Ambassador.class)
                        .withLabelSelector(Labels.RETARGET_OF)
                        .withOnAddFilter(added -> false)
                        .withOnUpdateFilter((now, before) -> false)
                        .withOnDeleteFilter((deleted, known) -> false)
                        .build(),
                context);
    }

    public EventSource<ControllerRevision, Ambassador> eventSource() {
        return objects;
    }

    /** The retargets of {@code ambassador} that are remembered, the newest first, without those that this version cannot read. */
    public List<Retarget> of(Ambassador ambassador) {
        return known(ambassador).stream()
                .limit(HistoryStep.MOST)
                .flatMap(object -> Retarget.of(object).stream())
                .toList();
    }

    /**
     * Which targets relays may have had before the latest retarget.
     *
     * @return the {@linkplain link.ambassador.config.Sha256 names} of these targets, by listen port of the links that it changed; empty when
     *     that is not remembered
     */
    public Optional<Map<Integer, Set<String>>> formerTargets(Ambassador ambassador, ObservedState.Tables tables) {
        return tables.served().flatMap(served -> FormerTargets.of(of(ambassador), served.links()));
    }

    /**
     * Writes what is new of the retargets of {@code ambassador}: at most one write, and the deletion of the oldest.
     *
     * @param status of this reconcile
     * @throws io.fabric8.kubernetes.client.KubernetesClientException when the API server rejects a write, or does not answer. The
     *     next call tries again
     */
    public void remember(Ambassador ambassador, ObservedState observed, AmbassadorStatus status) {
        if (!observed.acceptance().isAccepted() || ambassador.getMetadata().getDeletionTimestamp() != null) {
            return;
        }
        List<ControllerRevision> known = known(ambassador);
        Optional<ControllerRevision> newest = known.isEmpty() ? Optional.empty() : Optional.of(known.get(0));
        HistoryStep step = HistoryStep.next(
                newest.flatMap(Retarget::of),
                observed.reconcile(),
                observed.tables(),
                changedBy(ambassador),
                ending(status, observed.reconcile().now()));
        if (step instanceof HistoryStep.Began began) {
            create(began.retarget().toObject(ambassador));
            known.stream().skip(HistoryStep.MOST - 1L).forEach(oldest -> kubernetes
                    .resource(oldest)
                    .lockResourceVersion(oldest.getMetadata().getResourceVersion())
                    .delete());
        } else if (step instanceof HistoryStep.Ended ended) {
            ControllerRevision before = newest.orElseThrow();
            ControllerRevision after = kubernetes.resource(before).patch(MERGE, Retarget.patch(ended.ending()));
            objects.handleRecentResourceUpdate(ResourceID.fromResource(after), after, before);
        }
    }

    /** Those of this Ambassador, the newest first. */
    private List<ControllerRevision> known(Ambassador ambassador) {
        return objects.getSecondaryResources(ambassador).stream()
                .filter(object -> isOwned(object, ambassador) && object.getRevision() != null)
                .sorted(Comparator.comparing(ControllerRevision::getRevision).reversed())
                .toList();
    }

    private static boolean isOwned(HasMetadata object, Ambassador ambassador) {
        List<OwnerReference> owners = object.getMetadata().getOwnerReferences();
        return owners.stream()
                .anyMatch(owner -> ambassador.getMetadata().getUid().equals(owner.getUid())
                        && Boolean.TRUE.equals(owner.getController()));
    }

    private void create(ControllerRevision object) {
        ControllerRevision created = kubernetes.resource(object).create();
        objects.handleRecentResourceCreate(ResourceID.fromResource(created), created);
    }

    /** Who wrote the spec last. */
    private static String changedBy(Ambassador ambassador) {
        return Optional.ofNullable(ambassador.getMetadata().getManagedFields()).orElse(List.of()).stream()
                .filter(entry -> entry.getSubresource() == null
                        && entry.getFieldsV1() != null
                        && entry.getFieldsV1().getAdditionalProperties().containsKey("f:spec"))
                .max(Comparator.comparing(entry -> String.valueOf(entry.getTime())))
                .map(ManagedFieldsEntry::getManager)
                .map(manager -> Printable.cut(Printable.line(manager), LONGEST_MANAGER))
                .orElse("");
    }

    private static Optional<HistoryStep.Ending> ending(AmbassadorStatus status, Instant now) {
        String reason = status.conditions().stream()
                .filter(condition -> condition.getType().equals(ConditionType.CONVERGED.word()))
                .map(Condition::getReason)
                .findFirst()
                .orElse("");
        if (reason.equals(ConditionReason.ACKNOWLEDGED.word())) {
            return Optional.of(new HistoryStep.Ending(
                    LastRetarget.CONVERGED,
                    Optional.ofNullable(status.lastRetarget())
                            .map(LastRetarget::convergedAt)
                            .map(Instant::parse)
                            .or(() -> Optional.of(now)),
                    connections(status, LastRetarget.CONVERGED)));
        }
        return Stream.of(ConditionReason.ROLLED_BACK, ConditionReason.ROLLOUT_PAUSED)
                .map(ConditionReason::word)
                .filter(reason::equals)
                .findFirst()
                .map(outcome -> new HistoryStep.Ending(outcome, Optional.empty(), connections(status, outcome)));
    }

    private static Optional<EndedConnections> connections(AmbassadorStatus status, String outcome) {
        return Optional.ofNullable(status.lastRetarget())
                .filter(last -> outcome.equals(last.outcome()) && last.drained() != null && last.reset() != null)
                .map(last -> new EndedConnections(last.drained(), last.reset()));
    }
}
