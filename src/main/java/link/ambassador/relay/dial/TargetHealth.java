package link.ambassador.relay.dial;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import link.ambassador.config.Target;

/**
 * What the dials of one link learned of its targets: from real connects, nobody is probed. Shared by all event loops,
 * readable from any thread.
 */
public final class TargetHealth {
    /** How long a target that failed is tried only after the others. */
    static final long PASSED_OVER_NANOS = TimeUnit.SECONDS.toNanos(10);

    /**
     * The last that is known of a target.
     *
     * @param sentence for a person, empty when OK
     * @param atNanos when it was tried, in the time of the clock handed in
     */
    public record Seen(DialResult result, String sentence, long atNanos) {}

    /**
     * A try of a target that had failed, by one attempt for all.
     *
     * @param by the attempt; null when it was dropped before it had an answer
     */
    private record Trial(HappyEyeballs<?> by, long beganNanos) {}

    private final LongSupplier nanoTime;
    private final Map<Target, Seen> seen = new ConcurrentHashMap<>();
    private final Map<Target, Trial> trials = new ConcurrentHashMap<>();
    private volatile Target active;
    // The link's list; null before it was told, when every target counts.
    private Set<Target> current;

    public TargetHealth() {
        this(System::nanoTime);
    }

    public TargetHealth(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** The last that is known of a target; empty when it was never tried. */
    public Optional<Seen> seen(Target target) {
        return Optional.ofNullable(seen.get(target));
    }

    /** The target of the latest connect that succeeded. */
    public Optional<Target> active() {
        return Optional.ofNullable(active);
    }

    /**
     * Whether it failed, and is not to be tried yet: less than 10 s ago, or one attempt tries it and has no answer. A trial
     * that was dropped counts from its begin, so that downstreams that soon go away do not take turns at it.
     */
    public boolean isEjected(Target target) {
        Seen last = seen.get(target);
        if (last == null || last.result() == DialResult.OK) {
            return false;
        }
        Trial trial = trials.get(target);
        if (trial == null) {
            return isRecent(last.atNanos());
        }
        return trial.by() != null || isRecent(last.atNanos()) || isRecent(trial.beganNanos());
    }

    private boolean isRecent(long nanos) {
        return nanos + PASSED_OVER_NANOS - nanoTime.getAsLong() > 0;
    }

    private boolean hasFailed(Target target) {
        Seen last = seen.get(target);
        return last != null && last.result() != DialResult.OK;
    }

    /** Forgets targets that left the list, for good: a dial of one that ends later is not recorded. */
    public synchronized void retain(List<Target> targets) {
        current = Set.copyOf(targets);
        seen.keySet().retainAll(current);
        trials.keySet().retainAll(current);
        Target used = active;
        if (used != null && !targets.contains(used)) {
            active = null;
        }
    }

    /**
     * The target to try next: the preferred of those that did not fail, or whose 10 s are over. When there is none of these,
     * the preference decides.
     *
     * @param targets at least one, in order of preference
     * @param mayTryAgain whether one that failed may be chosen before all others are tried; one for each connection is
     *     enough to wait for
     * @param trial what the asking dial tries again already; null
     */
    Target choose(Collection<Target> targets, boolean mayTryAgain, Target trial) {
        for (Target target : targets) {
            if (target.equals(trial) || !hasFailed(target) || (mayTryAgain && !isEjected(target))) {
                return target;
            }
        }
        return targets.iterator().next();
    }

    /**
     * An attempt begins.
     *
     * @return whether it tries the target for all others, which pass it over until it is recorded or dropped
     */
    synchronized boolean began(Target target, HappyEyeballs<?> by) {
        if (!hasFailed(target) || isEjected(target)) {
            return false;
        }
        trials.put(target, new Trial(by, nanoTime.getAsLong()));
        return true;
    }

    /** An attempt ended without an answer. */
    synchronized void dropped(Target target, HappyEyeballs<?> by) {
        trials.computeIfPresent(target, (key, trial) -> trial.by() == by ? new Trial(null, trial.beganNanos()) : trial);
    }

    synchronized void record(Target target, DialResult result, String sentence) {
        if (result == DialResult.CANCELLED || (current != null && !current.contains(target))) {
            return;
        }
        trials.remove(target);
        seen.put(target, new Seen(result, sentence, nanoTime.getAsLong()));
        if (result == DialResult.OK) {
            active = target;
        }
    }
}
