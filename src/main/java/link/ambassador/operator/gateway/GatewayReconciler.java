package link.ambassador.operator.gateway;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.RelayImage;
import link.ambassador.model.AllPreflight;
import link.ambassador.model.CaBundles;
import link.ambassador.model.DemandsOfNamespaces;
import link.ambassador.model.DesiredTable;
import link.ambassador.model.StagedTargets;
import link.ambassador.model.TableOutcome;
import link.ambassador.model.UnresolvedLink;
import link.ambassador.operator.delivery.RelayPod;
import link.ambassador.operator.delivery.RelaySync;
import link.ambassador.operator.status.Acceptance;
import link.ambassador.operator.status.AmbassadorEvent;
import link.ambassador.operator.status.ObservedState;
import link.ambassador.operator.status.ReplicaFailure;

/** Creates and changes the objects of gateways: everything that an Ambassador asks for, or nothing. */
public final class GatewayReconciler {
    private static final Set<String> ENDED = Set.of("Succeeded", "Failed");

    private final RelayImage relayImage;
    private final SerialRollout rollout;
    private final DemandsOfNamespaces demands;
    private final CaBundles bundles;
    private final LoopGuard loops;
    private final GatewayIndex index = new GatewayIndex();

    public GatewayReconciler(
            RelayImage relayImage,
            String clusterDomain,
            SerialRollout rollout,
            DemandsOfNamespaces demands,
            CaBundles bundles) {
        this.bundles = bundles;
        this.loops = new LoopGuard(clusterDomain);
        this.relayImage = relayImage;
        this.rollout = rollout;
        this.demands = demands;
    }

    /**
     * Reconciles one gateway.
     *
     * @param answers what the relays answered last about a revision, by the uid of their pods
     */
    public GatewayResult reconcile(
            Ambassador ambassador, Context<Ambassador> context, Function<String, Map<String, RelaySync>> answers) {
        return new Reconcile(ambassador, context, answers).reconcile();
    }

    /** One reconcile of one Ambassador. */
    private final class Reconcile {
        private final Ambassador ambassador;
        private final Context<Ambassador> context;
        private final Function<String, Map<String, RelaySync>> answers;
        private final OwnedResources objects;
        private final GatewayNames names;
        private final Optional<LinkTable> before;
        private Optional<RolloutWait> waitsFor = Optional.empty();
        private List<Link> tooNew = List.of();
        private Optional<StagedTargets> staged = Optional.empty();
        private List<UnresolvedLink> unresolved = List.of();

        Reconcile(
                Ambassador ambassador, Context<Ambassador> context, Function<String, Map<String, RelaySync>> answers) {
            this.ambassador = ambassador;
            this.context = context;
            this.answers = answers;
            this.objects = new OwnedResources(ambassador, context);
            this.names = GatewayNames.of(ambassador);
            this.before = table();
        }

        GatewayResult reconcile() {
            TableOutcome outcome = DesiredTable.of(ambassador, bundles);
            if (outcome instanceof TableOutcome.Refused refusal) {
                return refused(new Acceptance(refusal.reason(), refusal.sentence()));
            }
            Optional<String> refusal =
                    loops.refusal(index.of(ambassador, context), () -> index.others(ambassador, context));
            if (refusal.isPresent()) {
                return refused(new Acceptance(ConditionReason.TARGET_IS_SELF, refusal.get()));
            }
            try {
                return apply((TableOutcome.Table) outcome);
            } catch (RefusedWrite refused) {
                return refused(new Acceptance(ConditionReason.REFUSED, refused.sentence()));
            } finally {
                loops.applied(ambassador.getMetadata().getUid());
            }
        }

        private GatewayResult apply(TableOutcome.Table outcome) {
            unresolved = outcome.unresolved();
            NextTable next = NextTable.of(
                    new NextTable.Inputs(ambassador, outcome, before, running(), this::enoughReach, names.others()));
            tooNew = next.tooNew();
            staged = next.staged();
            if (next.choice() instanceof NextTable.Serve table) {
                return write(outcome, table);
            }
            return next.choice() instanceof NextTable.Refuse refusal
                    ? refused(refusal.why())
                    : result(Acceptance.ACCEPTED, Optional.empty(), Optional.empty());
        }

        /** Everything that serves the table, or nothing. */
        private GatewayResult write(TableOutcome.Table outcome, NextTable.Serve next) {
            LinkTable table = next.delivered();
            GatewayObjects desired =
                    GatewayObjects.of(ambassador, table, credentials(outcome, table), relayImage, surroundings());
            // Before anything is written, so that neither a conflict nor a refusal leaves anything half applied.
            for (HasMetadata object : desired.all()) {
                if (objects.isTaken(object)) {
                    return refused(new Acceptance(ConditionReason.CONFLICT, taken(object)));
                }
            }
            List<HasMetadata> objectsInTurn = desired.all().stream()
                    .flatMap(object ->
                            object instanceof Deployment deployment ? inTurn(deployment).stream() : Stream.of(object))
                    .toList();
            Optional<String> service = Optional.of(names.service());
            Optional<String> budget = desired.disruptionBudget().map(any -> names.others());
            objects.rehearse(objectsInTurn);
            objects.rehearseDeletion(Service.class, service);
            objects.rehearseDeletion(PodDisruptionBudget.class, budget);
            for (HasMetadata object : objectsInTurn) {
                if (objects.settle(object) == OwnedResources.Outcome.TAKEN) {
                    return refused(new Acceptance(ConditionReason.CONFLICT, taken(object)));
                }
            }
            objects.deleteOthers(Service.class, service);
            objects.deleteOthers(PodDisruptionBudget.class, budget);
            return result(Acceptance.ACCEPTED, Optional.of(next.served()), Optional.of(table));
        }

        /**
         * The Deployment, if it is this gateway's turn to roll. Until then the live one stays as it is, whatever else is new in the
         * template, because all gateways would roll at once otherwise; but it is scaled.
         */
        private Optional<Deployment> inTurn(Deployment desired) {
            Optional<Deployment> actual = deployment();
            if (actual.isEmpty()) {
                return Optional.of(desired);
            }
            ResourceID id = ResourceID.fromResource(ambassador);
            DeployedRelay live = DeployedRelay.live(actual.get(), OwnedWrites.FIELD_MANAGER);
            if (live.equals(DeployedRelay.desired(desired))) {
                rollout.passOn(id, actual.get());
                return Optional.of(desired);
            }
            if (rollout.take(id, actual.get())) {
                return Optional.of(desired);
            }
            waitsFor = Optional.of(
                    SerialRollout.isPaused(actual.get())
                            ? RolloutWait.UNPAUSED
                            : RolloutWait.forTurn(rollout.slowHolder(), id));
            Integer replicas = desired.getSpec().getReplicas();
            if (replicas == null || replicas.equals(actual.get().getSpec().getReplicas())) {
                return Optional.empty();
            }
            return Optional.of(live.putInto(desired));
        }

        /**
         * Those of the spec, and of links that are served as they were. One that nothing names any more stays mounted until another one is
         * needed: removing it alone is worth no rollout.
         */
        private List<String> credentials(TableOutcome.Table outcome, LinkTable table) {
            Set<String> needed = new TreeSet<>(outcome.credentials());
            table.everyLink().forEach(link -> needed.addAll(link.credentials()));
            Set<String> mounted =
                    deployment().map(GatewayDeployment::credentials).orElse(Set.of());
            return List.copyOf(mounted.containsAll(needed) ? mounted : needed);
        }

        private boolean enoughReach(AllPreflight preflight, LinkTable candidates) {
            Map<String, RelaySync> known = answers.apply(candidates.revision().orElseThrow());
            List<Pod> serving = GatewayPods.of(deployment(), context).stream()
                    .filter(pod -> RelayPod.of(pod).isServing())
                    .toList();
            long reaching = serving.stream()
                    .map(pod -> known.getOrDefault(pod.getMetadata().getUid(), RelaySync.PENDING))
                    .filter(sync -> sync.reachesCandidates(candidates.links()))
                    .count();
            return preflight.isEnough(reaching, serving.size());
        }

        private List<Pod> running() {
            return GatewayPods.of(deployment(), context).stream()
                    .filter(pod -> pod.getStatus() == null
                            || !ENDED.contains(String.valueOf(pod.getStatus().getPhase())))
                    .toList();
        }

        private GatewayResult refused(Acceptance why) {
            // The table as it is now: a refusal that no dry run found may come after the table was written.
            return result(why, table(), table());
        }

        private GatewayResult result(Acceptance acceptance, Optional<LinkTable> served, Optional<LinkTable> delivered) {
            int replicas = deployment()
                    .map(deployment -> deployment.getSpec().getReplicas())
                    .orElse(0);
            boolean written = delivered.isPresent()
                    && before.filter(had -> NextTable.areEqual(had, delivered.get()))
                            .isEmpty();
            return new GatewayResult(
                    acceptance,
                    new ObservedState.Tables(
                            before,
                            served,
                            CaBundles.namedBy(ambassador).isEmpty() ? Optional.empty() : Optional.of(unresolved)),
                    delivered,
                    staged,
                    written,
                    replicas,
                    deployment(),
                    deployment().flatMap(ReplicaFailure::of).stream().toList(),
                    adopted(),
                    waitsFor,
                    tooNew);
        }

        private Optional<AmbassadorEvent> adopted() {
            List<String> adopted = objects.adopted();
            return adopted.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new AmbassadorEvent(
                            false,
                            "Adopted",
                            "Adopted " + String.join(", ", adopted)
                                    + ": they have this Ambassador's labels and had no owner, as after a restore."));
        }

        private GatewaySurroundings surroundings() {
            return new GatewaySurroundings(
                    deployment(),
                    deployment().flatMap(ReplicaFailure::of).isPresent(),
                    demands.known(ambassador.getMetadata().getNamespace()));
        }

        private Optional<LinkTable> table() {
            return objects.cached(ConfigMap.class, names.others()).flatMap(GatewayIndex::tableIn);
        }

        private Optional<Deployment> deployment() {
            return objects.cached(Deployment.class, names.others());
        }

        private String taken(HasMetadata object) {
            String what = object.getKind() + " " + object.getMetadata().getName();
            return what + " already exists and is not managed by this Ambassador; nothing was changed. "
                    + (object instanceof Service
                            ? "Set spec.placement.gateway.service.name, or delete that Service."
                            : "Delete it, or rename the Ambassador.");
        }
    }
}
