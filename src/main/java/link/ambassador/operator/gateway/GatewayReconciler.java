package link.ambassador.operator.gateway;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.config.LinkTable;
import link.ambassador.config.RelayEnvironment;
import link.ambassador.model.DemandsOfNamespaces;
import link.ambassador.model.DesiredTable;
import link.ambassador.model.Placement;
import link.ambassador.model.TableOutcome;
import link.ambassador.operator.status.Acceptance;
import link.ambassador.operator.status.AmbassadorEvent;
import link.ambassador.operator.status.ObservedRelay;
import link.ambassador.operator.status.ObservedState;
import link.ambassador.operator.status.ReplicaFailure;

/** Settles the objects of gateways: all that an Ambassador asks for, or nothing. */
public final class GatewayReconciler {
    /**
     * What a reconcile settled.
     *
     * @param acceptance whether the Ambassador is applied as it is
     * @param before the table that the relays were to serve; empty when there was none
     * @param served the one that they are to serve now: the last good one when it is not accepted
     * @param written whether the table was another one before, so that no relay can have it yet, or some may have the other
     * @param deployment the one that makes its pods; empty while there is none
     * @param ongoing what is to be heard of for as long as it is so
     * @param adopted what was this gateway's, had no owner and was taken over now
     * @param waitsFor why its relays do not run the new image yet; empty when they do, or are about to
     */
    public record Settled(
            Acceptance acceptance,
            Optional<LinkTable> before,
            Optional<LinkTable> served,
            boolean written,
            int replicas,
            Optional<Deployment> deployment,
            List<AmbassadorEvent> ongoing,
            Optional<AmbassadorEvent> adopted,
            Optional<RolloutWait> waitsFor) {

        /**
         * As a status reports it.
         *
         * @param relays its pods, by name
         * @param version of this operator
         */
        public ObservedState observed(Ambassador ambassador, List<ObservedRelay> relays, String version, Instant now) {
            return new ObservedState(
                    ambassador.getMetadata().getGeneration(),
                    acceptance,
                    served,
                    before,
                    Placement.GATEWAY.word(),
                    replicas,
                    relays,
                    Optional.empty(),
                    Stream.concat(ongoing.stream(), waitsFor.flatMap(RolloutWait::story).stream())
                            .toList(),
                    waitsFor.isPresent(),
                    RelayEnvironment.DEFAULT_ADMIN_PORT,
                    version,
                    now);
        }
    }

    private final GatewaySettings gateway;
    private final SerialRollout turns;
    private final DemandsOfNamespaces demands;
    private final LoopGuard permits;
    private final GatewayIndex seen = new GatewayIndex();

    public GatewayReconciler(
            GatewaySettings gateway, String clusterDomain, SerialRollout turns, DemandsOfNamespaces demands) {
        this.permits = new LoopGuard(clusterDomain);
        this.gateway = gateway;
        this.turns = turns;
        this.demands = demands;
    }

    public Settled settle(Ambassador ambassador, Context<Ambassador> context) {
        return new Settling(ambassador, context).settle();
    }

    /** One reconcile. */
    private final class Settling {
        private final Ambassador ambassador;
        private final Context<Ambassador> context;
        private final OwnedResources objects;
        private final GatewayNames names;
        private final Optional<LinkTable> before;
        private Optional<RolloutWait> waitsFor = Optional.empty();

        Settling(Ambassador ambassador, Context<Ambassador> context) {
            this.ambassador = ambassador;
            this.context = context;
            this.objects = new OwnedResources(ambassador, context);
            this.names = GatewayNames.of(ambassador);
            this.before = table();
        }

        Settled settle() {
            TableOutcome outcome = DesiredTable.of(ambassador);
            if (outcome instanceof TableOutcome.Refused refusal) {
                return refused(new Acceptance(refusal.reason(), refusal.sentence()));
            }
            Optional<String> refusal =
                    permits.refusal(seen.of(ambassador, context), () -> seen.others(ambassador, context));
            if (refusal.isPresent()) {
                return refused(new Acceptance(ConditionReason.TARGET_IS_SELF, refusal.get()));
            }
            try {
                return apply(((TableOutcome.Table) outcome).table());
            } catch (RefusedWrite refused) {
                return refused(new Acceptance(ConditionReason.REFUSED, refused.sentence()));
            } finally {
                permits.settled(ambassador.getMetadata().getUid());
            }
        }

        private Settled apply(LinkTable wanted) {
            // What says the same stays as it was written: a table names the generation that it was made of.
            LinkTable table = before.filter(has -> saysTheSame(has, wanted)).orElse(wanted);
            GatewayObjects desired = GatewayObjects.of(ambassador, table, gateway, surroundings());
            // Before anything is written: a conflict leaves nothing half applied, and neither does a refusal.
            for (HasMetadata object : desired.all()) {
                if (objects.isTaken(object)) {
                    return refused(new Acceptance(ConditionReason.CONFLICT, taken(object)));
                }
            }
            List<HasMetadata> inTurn = desired.all().stream()
                    .flatMap(object ->
                            object instanceof Deployment deployment ? inTurn(deployment).stream() : Stream.of(object))
                    .toList();
            Optional<String> service = Optional.of(names.service());
            Optional<String> budget = desired.disruptionBudget().map(any -> names.others());
            objects.rehearse(inTurn);
            objects.rehearseDeletion(Service.class, service);
            objects.rehearseDeletion(PodDisruptionBudget.class, budget);
            for (HasMetadata object : inTurn) {
                if (objects.settle(object) == OwnedResources.Outcome.TAKEN) {
                    return refused(new Acceptance(ConditionReason.CONFLICT, taken(object)));
                }
            }
            objects.deleteOthers(Service.class, service);
            objects.deleteOthers(PodDisruptionBudget.class, budget);
            return settled(Acceptance.ACCEPTED, Optional.of(table));
        }

        /**
         * The same, when it is this gateway's turn to roll. Until then it is left as it is, whatever else is new in its template, or
         * all gateways would roll at once for that; but it is scaled.
         */
        private Optional<Deployment> inTurn(Deployment desired) {
            Optional<Deployment> actual = deployment();
            if (actual.isEmpty()) {
                return Optional.of(desired);
            }
            ResourceID id = ResourceID.fromResource(ambassador);
            String running = image(actual.get());
            if (running.equals(image(desired))) {
                turns.passOn(id, actual.get());
                return Optional.of(desired);
            }
            if (turns.take(id, actual.get())) {
                return Optional.of(desired);
            }
            waitsFor = Optional.of(
                    SerialRollout.isPaused(actual.get())
                            ? RolloutWait.UNPAUSED
                            : RolloutWait.forTurn(turns.slowHolder(), id));
            Integer replicas = desired.getSpec().getReplicas();
            if (replicas == null || replicas.equals(actual.get().getSpec().getReplicas())) {
                return Optional.empty();
            }
            return Optional.of(new DeploymentBuilder(desired)
                    .editSpec()
                    .editTemplate()
                    .editSpec()
                    .editFirstContainer()
                    .withImage(running)
                    .endContainer()
                    .endSpec()
                    .endTemplate()
                    .endSpec()
                    .build());
        }

        private Settled refused(Acceptance why) {
            // As it is now: a refusal that no rehearsal foretold may come after the table was written.
            return settled(why, table());
        }

        private Settled settled(Acceptance acceptance, Optional<LinkTable> served) {
            int replicas = deployment()
                    .map(deployment -> deployment.getSpec().getReplicas())
                    .orElse(0);
            boolean written = served.isPresent()
                    && before.filter(had -> saysTheSame(had, served.get())).isEmpty();
            return new Settled(
                    acceptance,
                    before,
                    served,
                    written,
                    replicas,
                    deployment(),
                    deployment().flatMap(ReplicaFailure::of).stream().toList(),
                    adopted(),
                    waitsFor);
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

    /** Not by the revision alone: somebody may have edited the links and left that as it was. */
    private static boolean saysTheSame(LinkTable one, LinkTable other) {
        return one.revision().equals(other.revision()) && one.links().equals(other.links());
    }

    private static String image(Deployment deployment) {
        return deployment
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .get(0)
                .getImage();
    }
}
