package link.ambassador.operator.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.api.v1alpha1.ConditionType;
import link.ambassador.api.v1alpha1.LastRetarget;
import link.ambassador.api.v1alpha1.RelayCounts;
import link.ambassador.api.v1alpha1.RolloutStatus;
import link.ambassador.api.v1alpha1.StatusSummary;
import link.ambassador.api.v1alpha1.TargetStatus;
import link.ambassador.config.Labels;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.Printable;
import link.ambassador.model.Placement;
import link.ambassador.operator.delivery.RelaySync.SyncState;

/** The status that follows from what a reconcile observed, and from the status before. */
public final class StatusFactory {
    private static final int MOST_TARGETS = 16;

    /** Kubernetes allows 32,768 characters in a message of a condition; nobody reads so many. */
    private static final int LONGEST_MESSAGE = 4096;

    private final ObservedState observed;
    private final Optional<AmbassadorStatus> before;

    /** The status before, while some relays were not polled for its revision yet: see {@link #untilPolled}. */
    private final Optional<AmbassadorStatus> kept;

    private final Held hold;
    private final Optional<RolloutStatus> rollout;
    private final Supplier<Optional<Map<Integer, Set<String>>>> formerTargets;

    private StatusFactory(ObservedState observed, AmbassadorStatus before) {
        this(observed, before, Optional.empty(), Optional::empty);
    }

    private StatusFactory(
            ObservedState observed,
            AmbassadorStatus before,
            Optional<RolloutStatus> rollout,
            Supplier<Optional<Map<Integer, Set<String>>>> formerTargets) {
        this.rollout = rollout;
        this.formerTargets = formerTargets;
        this.observed = observed;
        this.before = Optional.ofNullable(before);
        this.kept = untilPolled();
        this.hold = Held.of(observed, this.before);
    }

    /**
     * The status; equal to {@code before} when nothing changed that is worth a write.
     *
     * @param before null when the Ambassador was never reconciled
     */
    public static AmbassadorStatus of(ObservedState observed, AmbassadorStatus before) {
        return new StatusFactory(observed, before).status();
    }

    /**
     * The status with a staged retarget.
     *
     * @param rollout how far it is after this reconcile; empty when the spec asks for no stages
     * @param formerTargets what the latest retarget changed, as in {@link EndedConnections}; empty when nobody knows
     */
    public static AmbassadorStatus of(
            ObservedState observed,
            AmbassadorStatus before,
            Optional<RolloutStatus> rollout,
            Supplier<Optional<Map<Integer, Set<String>>>> formerTargets) {
        return new StatusFactory(observed, before, rollout, formerTargets).status();
    }

    /** How long until the status may change with time alone; empty when only an event can change it. */
    public static Optional<Duration> changesAfter(ObservedState observed, AmbassadorStatus status) {
        return Stream.of(convergedChangesAfter(observed, status), Held.changesAfter(observed, status))
                .flatMap(Optional::stream)
                .min(Comparator.naturalOrder());
    }

    private static Optional<Duration> convergedChangesAfter(ObservedState observed, AmbassadorStatus status) {
        boolean inFlight = condition(Optional.of(status), ConditionType.CONVERGED)
                .filter(converged -> converged.getReason().equals(ConditionReason.PROPAGATING.word()))
                .isPresent();
        if (!inFlight) {
            return Optional.empty();
        }
        Duration left = Convergence.PATIENCE.minus(new StatusFactory(observed, status).elapsed());
        return Optional.of(left.compareTo(Duration.ofSeconds(1)) < 0 ? Duration.ofSeconds(1) : left);
    }

    private AmbassadorStatus status() {
        Convergence convergence = rollout.flatMap(now -> Convergence.of(now, observed))
                .orElseGet(() -> hold.isOnItsWay()
                        ? new Convergence(ConditionReason.PROPAGATING, hold.message())
                        : kept.flatMap(this::keptConvergence)
                                .orElseGet(() -> Convergence.of(observed, latched(), elapsed())));
        Reachability reachability =
                kept.flatMap(StatusFactory::keptReachability).orElseGet(() -> Reachability.of(observed));
        Readiness readiness = Readiness.of(observed);
        List<Condition> conditions = Stream.of(
                        Stream.of(
                                condition(
                                        observed.acceptance().reason(),
                                        observed.acceptance().message()),
                                condition(readiness.reason(), readiness.message()),
                                condition(convergence.reason(), convergence.message()),
                                condition(reachability.reason(), reachability.message()),
                                condition(hold.reason(), hold.message())),
                        resolvedRefs().stream(),
                        RolloutCondition.of(observed.placement(), observed.acceptance(), readiness, convergence)
                                .map(cause -> condition(
                                        cause.condition().word(),
                                        "True",
                                        cause.reason().word(),
                                        cause.message()))
                                .stream())
                .flatMap(Function.identity())
                .toList();
        RelayCounts counts = RelayTally.counts(observed, kept);
        return new AmbassadorStatus(
                observed.reconcile().generation(),
                observed.revision().orElse(null),
                new StatusSummary(
                        LinkSummary.listen(links()),
                        LinkSummary.target(links()),
                        observed.placement().word(),
                        counts.converged() + "/" + counts.selected()),
                counts,
                selector(),
                kept.map(AmbassadorStatus::laggards).orElseGet(() -> RelayTally.laggards(observed)),
                LatestRetarget.of(observed, before, convergence.reason(), formerTargets),
                hold.hold().orElse(null),
                hold.ended().or(() -> before.map(AmbassadorStatus::lastHold)).orElse(null),
                rollout.orElse(null),
                kept.map(AmbassadorStatus::targets).orElseGet(this::targets),
                conditions);
    }

    /** Null without a health check. */
    private List<TargetStatus> targets() {
        List<TargetStatus> targets = LinkHealth.of(observed).stream()
                .flatMap(link -> link.targets().stream())
                .limit(MOST_TARGETS)
                .toList();
        return targets.isEmpty() ? null : targets;
    }

    private Optional<Condition> resolvedRefs() {
        return References.of(observed)
                .map(found -> found.reason() == ConditionReason.RESOLVED_REFS
                        ? kept.flatMap(StatusFactory::keptReferences).orElse(found)
                        : found)
                .map(found -> condition(found.reason(), found.message()));
    }

    private static Optional<References> keptReferences(AmbassadorStatus earlier) {
        return condition(Optional.of(earlier), ConditionType.RESOLVED_REFS)
                .filter(condition -> condition.getReason().equals(ConditionReason.INVALID_CERTIFICATE_REF.word()))
                .map(condition -> new References(ConditionReason.INVALID_CERTIFICATE_REF, condition.getMessage()));
    }

    /** Null for sidecars: how many there are is decided by whoever scales their consumers. */
    private String selector() {
        return observed.placement() == Placement.GATEWAY
                ? Labels.GATEWAY + "=" + observed.reconcile().name()
                : null;
    }

    private List<Link> links() {
        return observed.tables().served().map(LinkTable::links).orElse(List.of());
    }

    private boolean sameRevision() {
        return before.map(AmbassadorStatus::revision).equals(observed.revision());
    }

    /**
     * What the status before says about relays stays until every relay was polled. An operator that has just started knows nothing
     * about them; it would report that, and the same as before a moment later.
     */
    private Optional<AmbassadorStatus> untilPolled() {
        boolean polling = observed.serving().stream().anyMatch(relay -> relay.is(SyncState.PENDING));
        return before.filter(
                earlier -> polling && sameRevision() && earlier.relays() != null && earlier.laggards() != null);
    }

    private Optional<Convergence> keptConvergence(AmbassadorStatus earlier) {
        return condition(Optional.of(earlier), ConditionType.CONVERGED)
                .filter(condition -> observed.acceptance().isAccepted())
                .flatMap(condition -> reasonOf(ConditionType.CONVERGED, condition.getReason())
                        .filter(reason -> reason != ConditionReason.NOT_APPLIED && reason != ConditionReason.NO_RELAYS)
                        .map(reason -> new Convergence(reason, condition.getMessage())));
    }

    private static Optional<Reachability> keptReachability(AmbassadorStatus earlier) {
        return condition(Optional.of(earlier), ConditionType.TARGET_REACHABLE)
                .flatMap(condition -> reasonOf(ConditionType.TARGET_REACHABLE, condition.getReason())
                        .map(reason -> new Reachability(reason, condition.getMessage())));
    }

    private Optional<ConditionReason> latched() {
        return sameRevision()
                ? condition(before, ConditionType.CONVERGED)
                        .filter(converged -> converged.getStatus().equals("True"))
                        .flatMap(converged -> reasonOf(ConditionType.CONVERGED, converged.getReason()))
                : Optional.empty();
    }

    /** Since the revision is wanted. */
    private Duration elapsed() {
        if (!sameRevision()) {
            return Duration.ZERO;
        }
        Instant since = before.map(AmbassadorStatus::lastRetarget)
                .filter(retarget ->
                        observed.revision().filter(retarget.revision()::equals).isPresent())
                .map(LastRetarget::startedAt)
                .or(() -> condition(before, ConditionType.CONVERGED).map(Condition::getLastTransitionTime))
                .map(Instant::parse)
                .orElse(observed.reconcile().now());
        return Duration.between(since, observed.reconcile().now());
    }

    private Condition condition(ConditionReason reason, String message) {
        return condition(reason.type().word(), reason.status(), reason.word(), message);
    }

    private Condition condition(String type, String status, String reason, String message) {
        String since = condition(before, type)
                .filter(earlier -> earlier.getStatus().equals(status))
                .map(Condition::getLastTransitionTime)
                .orElseGet(() -> observed.reconcile()
                        .now()
                        .truncatedTo(ChronoUnit.SECONDS)
                        .toString());
        return new ConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .withMessage(Printable.cut(message, LONGEST_MESSAGE))
                .withObservedGeneration(observed.reconcile().generation())
                .withLastTransitionTime(since)
                .build();
    }

    static Optional<Condition> condition(Optional<AmbassadorStatus> status, ConditionType type) {
        return condition(status, type.word());
    }

    private static Optional<Condition> condition(Optional<AmbassadorStatus> status, String type) {
        return status.map(AmbassadorStatus::conditions).orElse(List.of()).stream()
                .filter(condition -> type.equals(condition.getType()))
                .findFirst();
    }

    static Optional<ConditionReason> reasonOf(ConditionType type, String word) {
        return Arrays.stream(ConditionReason.values())
                .filter(reason -> reason.type() == type && reason.word().equals(word))
                .findFirst();
    }
}
