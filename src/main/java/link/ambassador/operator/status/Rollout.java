package link.ambassador.operator.status;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.RolloutSpec;
import link.ambassador.api.v1alpha1.RolloutStatus;
import link.ambassador.config.Annotations;
import link.ambassador.config.Link;
import link.ambassador.config.Target;
import link.ambassador.model.AllPreflight;
import link.ambassador.model.DesiredTable;
import link.ambassador.model.Placement;
import link.ambassador.model.RolloutPlan;
import link.ambassador.model.RolloutPlan.Step;
import link.ambassador.model.StagedTargets;
import link.ambassador.operator.delivery.RelaySync.SyncState;

/**
 * How far a staged retarget comes with one reconcile. A pure decision: tables follow its result once that is stored.
 *
 * <pre>
 *   other targets ──► Staged: step 1 ─all of them acknowledged, pause over─► step 2 … ─► Complete
 *                        │                                                              ▲
 *                        └─too many connects failed─► RolledBack or Paused ─retry─► step 1
 * </pre>
 *
 * While a hold is on, it is Paused where it is.
 *
 * Another edit of the targets begins again at step 1, from the targets of the latest retarget that was complete.
 */
public final class Rollout {
    private final ObservedState observed;
    private final RolloutPlan plan;
    private final List<Link> links;
    private final Map<Integer, Link> served;
    private final String id;
    private final String retry;
    private final boolean held;

    private Rollout(Ambassador ambassador, ObservedState observed) {
        this.observed = observed;
        this.plan =
                RolloutPlan.of(StagedTargets.rollout(ambassador).orElseThrow().staged());
        this.links = DesiredTable.whereTheyLead(ambassador);
        this.served = observed.tables().served().orElseThrow().links().stream()
                .collect(Collectors.toMap(Link::listen, Function.identity()));
        this.id = StagedTargets.id(links);
        this.retry = Optional.ofNullable(ambassador.getMetadata().getAnnotations())
                .map(annotations -> annotations.get(Annotations.RETRY))
                .orElse(null);
        this.held = ambassador.getSpec().hold() != null;
    }

    /**
     * The rollout that the status is to have; empty when the spec asks for none.
     *
     * @param before that of the status before
     */
    public static Optional<RolloutStatus> next(
            Ambassador ambassador, ObservedState observed, Optional<RolloutStatus> before) {
        boolean inSteps = StagedTargets.isStaged(ambassador);
        Optional<AllPreflight> preflight =
                observed.placement() == Placement.SIDECAR && !inSteps ? AllPreflight.of(ambassador) : Optional.empty();
        if (!inSteps && preflight.isEmpty()) {
            return Optional.empty();
        }
        if (!observed.acceptance().isAccepted() || observed.tables().served().isEmpty()) {
            return before;
        }
        return Optional.of(
                inSteps
                        ? new Rollout(ambassador, observed).next(before)
                        : new JointPreflight(preflight.get(), observed).next(before));
    }

    /** How long until the rollout may go on with time alone; empty when only an event can let it. */
    public static Optional<Duration> changesAfter(Ambassador ambassador, RolloutStatus rollout, Instant now) {
        if (!rollout.is(RolloutStatus.PHASE_STAGED)) {
            return Optional.empty();
        }
        Optional<Duration> pauseEnds = StagedTargets.rollout(ambassador)
                .map(RolloutSpec::staged)
                .filter(staged -> rollout.settledAt() != null)
                .map(staged -> RolloutPlan.of(staged).step(rollout.step()).pause())
                .map(pause ->
                        Duration.between(now, Instant.parse(rollout.settledAt()).plus(pause)))
                .filter(left -> !left.isNegative() && !left.isZero());
        return pauseEnds
                .filter(left -> left.compareTo(RolloutPlan.BETWEEN_LOOKS) < 0)
                .or(() -> Optional.of(RolloutPlan.BETWEEN_LOOKS));
    }

    private RolloutStatus next(Optional<RolloutStatus> before) {
        Optional<RolloutStatus> known = before.filter(
                        rollout -> StagedTargets.before(rollout).isPresent())
                .or(this::asServed);
        Map<Integer, Link> had = known.flatMap(StagedTargets::before).orElse(Map.of());
        if (changed(had).isEmpty()) {
            // The first table, a return to what relays had, or an edit of something else.
            return complete(before, had);
        }
        // What an edit changes of a link whose targets stay, every relay has at once.
        RolloutStatus now = known.get()
                .with(
                        StagedTargets.remembered(links(had, changed(had)))
                                .orElseGet(() -> known.get().formerLinks()),
                        plan.steps().size());
        boolean another = !id.equals(now.targets()) || now.is(RolloutStatus.PHASE_PREFLIGHT);
        boolean ended =
                now.is(RolloutStatus.PHASE_ROLLED_BACK) || (now.is(RolloutStatus.PHASE_PAUSED) && !now.waitsForHold());
        boolean again =
                ended && (observed.reconcile().generation() > now.generation() || !Objects.equals(retry, now.retry()));
        if (another || again) {
            return paused(first(now, had));
        }
        if (ended) {
            return now;
        }
        return paused(goOn(counted(now, had), had));
    }

    /** The first edit since the spec asks for stages: relays still have what they served before it. */
    private Optional<RolloutStatus> asServed() {
        return observed.tables().before().flatMap(table -> StagedTargets.remembered(table.links())
                .map(text -> complete(StagedTargets.id(table.links()), text)));
    }

    private RolloutStatus complete(Optional<RolloutStatus> before, Map<Integer, Link> had) {
        String text = StagedTargets.remembered(links(had, Set.of())).orElse(null);
        return before.filter(now -> now.is(RolloutStatus.PHASE_COMPLETE)
                        && id.equals(now.targets())
                        && Objects.equals(text, now.formerLinks()))
                .orElseGet(() -> complete(id, text));
    }

    private RolloutStatus complete(String targets, String text) {
        return RolloutStatus.complete(targets, observed.reconcile().generation(), retry, text);
    }

    /**
     * The links of a relay; without a new one that cannot be served yet.
     *
     * @param unmoved the ports whose links it has as they were
     */
    private List<Link> links(Map<Integer, Link> had, Set<Integer> unmoved) {
        return links.stream()
                .map(link -> isServed(link) && !unmoved.contains(link.listen())
                        ? served.get(link.listen())
                        : had.get(link.listen()))
                .filter(Objects::nonNull)
                .toList();
    }

    /** Whether it can be served as the spec has it: its certificates are there, and the relays know what it requires. */
    private boolean isServed(Link link) {
        return served.containsKey(link.listen())
                && served.get(link.listen()).targets().equals(link.targets());
    }

    /** The links that were there before, with other targets. */
    private Set<Integer> changed(Map<Integer, Link> had) {
        return links.stream()
                .filter(link -> had.containsKey(link.listen())
                        && !had.get(link.listen()).targets().equals(link.targets()))
                .map(Link::listen)
                .collect(Collectors.toSet());
    }

    /** The same, or paused while the connections are held: some would be released to the former targets. */
    private RolloutStatus paused(RolloutStatus now) {
        return held && now.is(RolloutStatus.PHASE_STAGED) ? now.held() : now;
    }

    /** Step 1, for the relays with the lowest places, whatever became of others before. */
    private RolloutStatus first(RolloutStatus now, Map<Integer, Link> had) {
        String upTo = held ? null : upTo(plan.steps().get(0), null);
        // Relays that stayed on the new targets have counted connects from before these were repaired.
        DialCount ignored = now.is(RolloutStatus.PHASE_PAUSED) && !now.waitsForHold()
                ? count(moved(upTo), had)
                : new DialCount(0, 0);
        return new RolloutStatus(
                RolloutStatus.PHASE_STAGED,
                null,
                id,
                observed.reconcile().generation(),
                1,
                plan.steps().size(),
                upTo,
                null,
                0,
                0L,
                0L,
                ignored.connects(),
                ignored.failed(),
                retry,
                now.formerLinks());
    }

    private RolloutStatus step(RolloutStatus now, int number) {
        return now.at(RolloutStatus.PHASE_STAGED, number, upTo(plan.steps().get(number - 1), now.upTo()), null);
    }

    private String upTo(Step step, String atLeast) {
        if (step.isAll()) {
            return StagedTargets.LAST_PLACE;
        }
        List<String> places = observed.serving().stream()
                .map(relay -> StagedTargets.place(relay.pod().uid(), id))
                .sorted()
                .toList();
        int count = step.of(places.size());
        String last = count == 0 ? null : places.get(count - 1);
        return last == null || (atLeast != null && atLeast.compareTo(last) > 0) ? atLeast : last;
    }

    /** The relays that are to have the new targets. */
    private List<ObservedRelay> moved(String upTo) {
        StagedTargets staged = new StagedTargets(id, Optional.ofNullable(upTo), Map.of());
        return observed.serving().stream()
                .filter(relay -> staged.hasNew(Optional.of(relay.pod().uid())))
                .toList();
    }

    /** With what the relays answered last of their connects to the targets that the retarget brought. */
    private RolloutStatus counted(RolloutStatus now, Map<Integer, Link> had) {
        List<ObservedRelay> moved =
                moved(now.upTo()).stream().filter(ObservedRelay::hasNewTargets).toList();
        DialCount count = count(moved, had);
        int serve =
                (int) moved.stream().filter(relay -> !relay.is(SyncState.KEPT)).count();
        return now.counted(serve, count.connects(), count.failed());
    }

    private DialCount count(List<ObservedRelay> relays, Map<Integer, Link> had) {
        Set<Integer> changed = changed(had);
        return links.stream()
                .filter(link -> changed.contains(link.listen()))
                .flatMap(link -> relays.stream()
                        .map(relay -> DialCount.of(
                                relay,
                                link.listen(),
                                brought(link, had.get(link.listen()).targets()))))
                .reduce(new DialCount(0, 0), DialCount::plus);
    }

    /** The targets that are new in a link; all of them when only their order changed. */
    private static Set<Target> brought(Link link, List<Target> had) {
        Set<Target> brought = new HashSet<>(link.targets());
        had.forEach(brought::remove);
        return brought.isEmpty() ? Set.copyOf(link.targets()) : brought;
    }

    private RolloutStatus goOn(RolloutStatus now, Map<Integer, Link> had) {
        if (plan.isExceededBy(now.connects(), now.failed())) {
            return plan.rollsBack()
                    ? now.at(RolloutStatus.PHASE_ROLLED_BACK, now.step(), null, now.settledAt())
                    : now.at(RolloutStatus.PHASE_PAUSED, now.step(), now.upTo(), now.settledAt());
        }
        Set<Integer> changed = changed(had);
        if (held || links.stream().anyMatch(link -> changed.contains(link.listen()) && !isServed(link))) {
            return now;
        }
        // The spec may have fewer steps than before.
        int number = Math.min(now.step(), plan.steps().size());
        if (now.upTo() == null && !observed.serving().isEmpty()) {
            // It began while the connections were held, or before there was a relay.
            return step(now, number);
        }
        if (now.waitsForHold()) {
            return now.at(RolloutStatus.PHASE_STAGED, number, now.upTo(), null);
        }
        boolean settled =
                moved(now.upTo()).stream().allMatch(relay -> relay.hasNewTargets() && relay.is(SyncState.ACKNOWLEDGED));
        if (!settled) {
            // Also when it was: an operator that has just started knows nothing of the connects yet.
            return now;
        }
        if (now.settledAt() == null) {
            return now.at(
                    now.phase(), number, now.upTo(), millis(observed.reconcile().now()));
        }
        Duration pause = plan.step(number).pause();
        if (Instant.parse(now.settledAt())
                .plus(pause)
                .isAfter(observed.reconcile().now())) {
            return now;
        }
        return number == plan.steps().size() ? complete(Optional.of(now), had) : step(now, number + 1);
    }

    private static String millis(Instant instant) {
        return instant.truncatedTo(ChronoUnit.MILLIS).toString();
    }
}
