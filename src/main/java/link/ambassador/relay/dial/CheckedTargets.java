package link.ambassador.relay.dial;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;
import link.ambassador.config.Failover;
import link.ambassador.config.Link;
import link.ambassador.config.Target;

/**
 * The targets of a link with a health check: which of them new connections go to, and which of them to probe. It decides by what it
 * was told and by the time. It probes and connects nothing itself. On the event loop.
 */
public final class CheckedTargets {
    /** For how long without a connection a link is probed on. */
    public static final Duration PROBED_WITHOUT_CONNECTIONS = Duration.ofMinutes(5);

    /** What follows from a change; called on the event loop, in the middle of it. */
    public interface Listener {
        /** A target got another state, or new connections go to another target. */
        void changed();

        /** A target became unhealthy, or new connections went back from it to one that is preferred. */
        void left(Target target, String why);
    }

    /**
     * A target at one moment.
     *
     * @param sinceNanos when it got this state
     * @param error why the latest probe or connect failed; empty if it did not
     */
    public record Snapshot(CheckedTarget.State state, long sinceNanos, String error) {}

    private final LongSupplier nanoTime;
    private final Listener listener;
    private final LongUnaryOperator below;
    private final ProbeDemand demand;
    private final KnownTargets targets;
    private Failover failover;
    private TargetOrder order;
    private final TargetInUse inUse;

    /**
     * Begins to know the targets of a link.
     *
     * @param below a random number that is less than the given one, and not negative
     * @param openConnections how many connections the link has
     */
    public CheckedTargets(
            Link link, LongSupplier nanoTime, LongUnaryOperator below, IntSupplier openConnections, Listener listener) {
        this.targets = new KnownTargets(link.healthCheck().orElseThrow(), nanoTime);
        this.nanoTime = nanoTime;
        this.below = below;
        this.listener = listener;
        this.inUse = new TargetInUse(this, nanoTime, listener);
        this.demand = new ProbeDemand(this, nanoTime, openConnections);
        change(link);
    }

    /** The link has other targets, or another failover. What is known of targets that stay is kept. */
    public void change(Link link) {
        failover = link.failover().orElseThrow();
        List<Target> before = List.copyOf(targets.all());
        targets.become(link.targets());
        order = TargetOrder.of(link, below);
        demand.retain(targets.all());
        boolean isAppended = link.targets().size() >= before.size()
                && link.targets().subList(0, before.size()).equals(before);
        if (!isAppended || isWeighted()) {
            // A retarget says anew what is preferred.
            inUse.forget();
        }
        select();
        listener.changed();
    }

    boolean isTcp() {
        return targets.isTcp();
    }

    boolean isWeighted() {
        return failover.selection() == Failover.Selection.WEIGHTED;
    }

    /** The targets, in order of preference. */
    public Collection<Target> all() {
        return targets.all();
    }

    /** The target that new connections prefer; empty before it is known, and with {@link Failover.Selection#WEIGHTED}. */
    public Optional<Target> inUse() {
        return Optional.ofNullable(inUse.target());
    }

    /** How often new connections went over from one target to another. */
    public long failovers() {
        return inUse.failovers();
    }

    /** Empty if the link has no such target. */
    public Optional<Snapshot> snapshot(Target target) {
        return Optional.ofNullable(targets.get(target))
                .map(known -> new Snapshot(state(target), known.sinceNanos(), known.error()));
    }

    /** A new connection came, and is not counted as open yet. */
    public void connectionBegan() {
        boolean isUsedAgain = !demand.isUsed();
        if (isUsedAgain) {
            // Nobody has looked for a while.
            if (!isTcp()) {
                targets.forget();
                inUse.forget();
            }
        }
        demand.used();
        if (select() || isUsedAgain) {
            listener.changed();
        }
    }

    /** A connection ended, and is not counted as open any longer. */
    public void connectionEnded() {
        demand.used();
    }

    /** A target sent a byte on a connection that has ended. */
    public void answered(Target target) {
        learn(target, known -> known.connectionEnded(false, nanoTime.getAsLong()));
    }

    /** A target accepted a connection and soon ended it without a byte. */
    void unanswered(Target target) {
        learn(target, known -> known.connectionEnded(true, nanoTime.getAsLong()));
    }

    /** A connect for a connection ended. */
    void connectEnded(Target target, DialResult result, String sentence) {
        if (result != DialResult.OK) {
            learn(target, known -> known.connectFailed(sentence, nanoTime.getAsLong()));
        } else if (isTcp()) {
            learn(target, known -> known.succeeded(nanoTime.getAsLong()));
        }
    }

    /** A probe ended. Does nothing if the link does not have the target any longer. */
    public void probeSucceeded(Target target) {
        demand.answered(target);
        learn(target, known -> known.succeeded(nanoTime.getAsLong()));
    }

    /** A probe ended. Does nothing if the link does not have the target any longer. */
    public void probeFailed(Target target, String why) {
        demand.answered(target);
        learn(target, known -> known.probeFailed(why, nanoTime.getAsLong()));
    }

    private interface Lesson {
        void tell(CheckedTarget known);
    }

    private void learn(Target target, Lesson lesson) {
        CheckedTarget known = targets.get(target);
        if (known == null) {
            return;
        }
        boolean wasFit = known.isFit();
        CheckedTarget.State before = known.state();
        lesson.tell(known);
        boolean selected = select();
        if (known.state() == CheckedTarget.State.UNHEALTHY && before != CheckedTarget.State.UNHEALTHY) {
            listener.left(target, known.error());
        }
        if (selected || before != known.state() || wasFit != known.isFit()) {
            listener.changed();
        }
    }

    /** Time has passed: a failback may be due. */
    public void timePassed() {
        if (select()) {
            listener.changed();
        }
    }

    /** Chooses the target that new connections prefer; returns whether it is another one now. */
    private boolean select() {
        return !isWeighted() && inUse.select(failover.failback());
    }

    /** Whether it is known that a target is unhealthy. */
    boolean isUnhealthy(Target target) {
        return targets.get(target) != null && state(target) == CheckedTarget.State.UNHEALTHY;
    }

    /** Whether the first probe of a target, which the link has, or a newer one has to tell. */
    boolean isUnchecked(Target target) {
        return state(target) == CheckedTarget.State.UNCHECKED;
    }

    /** Whether a target of the link is healthy until its latest failure is confirmed. */
    public boolean isDoubted(Target target) {
        return targets.get(target) != null
                && isHealthy(target)
                && !targets.get(target).isFit();
    }

    boolean isHealthy(Target target) {
        return state(target) == CheckedTarget.State.HEALTHY;
    }

    /** What is known now of a target, which the link has. */
    private CheckedTarget.State state(Target target) {
        return targets.state(target, isWeighted() || target.equals(inUse.target()));
    }

    /** Whether a connection to this target is still wanted, by what is known of it now. */
    public boolean isWanted(Target target) {
        CheckedTarget known = targets.get(target);
        return known == null
                || known.state() != CheckedTarget.State.UNHEALTHY
                || failover.whenNoneHealthy() == Failover.WhenNoneHealthy.TRY_ALL;
    }

    /**
     * The target to try next. Empty if there is none, or if a probe has to tell first: {@link #awaitsProbe} says which.
     *
     * @param untried those that the dial has not tried yet
     */
    Optional<Target> choose(Collection<Target> untried) {
        timePassed();
        List<Target> ordered = order.of(untried, inUse.target());
        for (Target target : ordered) {
            CheckedTarget.State state = state(target);
            if (state == CheckedTarget.State.UNCHECKED) {
                await(ordered);
                return Optional.empty();
            }
            if (state == CheckedTarget.State.HEALTHY && targets.get(target).isFit()) {
                return Optional.of(target);
            }
        }
        Optional<Target> unfit = ordered.stream().filter(this::isHealthy).findFirst();
        boolean triesAll = failover.whenNoneHealthy() == Failover.WhenNoneHealthy.TRY_ALL;
        return unfit.isPresent() || !triesAll ? unfit : ordered.stream().findFirst();
    }

    /** Why no target is healthy. */
    String whyNone() {
        return DialResult.UNHEALTHY.sentence() + " (" + targets.errors() + ")";
    }

    private void await(List<Target> candidates) {
        boolean more = false;
        for (Target target : candidates) {
            if (isUnchecked(target)) {
                more |= demand.await(target);
            }
        }
        if (more) {
            listener.changed();
        }
    }

    /** Whether the probe of one of these has to tell before it can be chosen. */
    boolean awaitsProbe(Collection<Target> untried) {
        return untried.stream().anyMatch(demand::isAwaited);
    }

    /** Whether a dial waits for the next probe of this target. */
    public boolean isAwaited(Target target) {
        return demand.isAwaited(target);
    }

    /** Whether to probe a target, now and every interval. */
    public boolean wantsProbes(Target target) {
        CheckedTarget known = targets.get(target);
        return known != null
                && order.weightOf(target) > 0
                && (!targets.areProbedOnFailure() || demand.hasReason(target, known));
    }

    /** Null if the link has no such target. */
    CheckedTarget known(Target target) {
        return targets.get(target);
    }

    /** Whether connections would rather go to this target than to the one in use. */
    boolean isPreferred(Target target) {
        return inUse.target() != null && order.isBefore(target, inUse.target());
    }

    boolean failsBack() {
        return failover.failback().after().isPresent();
    }
}
