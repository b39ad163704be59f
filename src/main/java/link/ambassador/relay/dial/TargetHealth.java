package link.ambassador.relay.dial;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import link.ambassador.config.Target;

/**
 * What the dials of one link have learned about its targets. They learn from real connects. A link with a health check has {@link
 * CheckedTargets} too, which then decide in the place of the ten seconds. The event loop writes; any thread may read.
 */
public final class TargetHealth {
    /** For how long a target that failed is ejected: tried only after the others. */
    static final long EJECTED_NANOS = TimeUnit.SECONDS.toNanos(10);

    /**
     * How the latest try of a target ended.
     *
     * @param sentence for a person; empty when OK
     * @param atNanos when, on the clock of this object
     */
    public record LastTry(DialResult result, String sentence, long atNanos) {}

    /**
     * How the tries of a target ended since it joined the list.
     *
     * @param ok how many connected
     * @param failed how many did not, whatever the reason; those that were given up have no end
     * @param unanswered how many connected, and were ended by the target before it sent a byte
     */
    public record Tries(long ok, long failed, long unanswered) {
        static final Tries NONE = new Tries(0, 0, 0);

        Tries with(DialResult result) {
            return result == DialResult.OK
                    ? new Tries(ok + 1, failed, unanswered)
                    : new Tries(ok, failed + 1, unanswered);
        }

        Tries withUnanswered() {
            return new Tries(ok, failed, unanswered + 1);
        }
    }

    /**
     * A new try of an ejected target, by one attempt for all dials.
     *
     * @param by the attempt; null once it was dropped without an answer
     */
    private record Trial(HappyEyeballs by, long beganNanos) {}

    private final LongSupplier nanoTime;
    private final Map<Target, LastTry> lastTries = new ConcurrentHashMap<>();
    private final Map<Target, Tries> tries = new ConcurrentHashMap<>();
    private final Map<Target, Trial> trials = new ConcurrentHashMap<>();
    private volatile Target active;

    /** Null unless the link has a health check. On the event loop only, as are the dials that follow it. */
    private CheckedTargets checked;

    private final Set<Dial> dials = new LinkedHashSet<>();

    /** The link's targets; null before the first change, when every target counts. */
    private Set<Target> current;

    public TargetHealth() {
        this(System::nanoTime);
    }

    public TargetHealth(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** The link has this health check from now on; null: it has none. */
    public void checkedBy(CheckedTargets next) {
        checked = next;
    }

    /** Null if the link has no health check. */
    CheckedTargets checked() {
        return checked;
    }

    /** A dial began, which wants to know when {@link CheckedTargets} learn something. */
    void follows(Dial dial) {
        dials.add(dial);
    }

    void unfollows(Dial dial) {
        if (!dials.isEmpty()) {
            dials.remove(dial);
        }
    }

    /** The dials under way of a link with a health check. */
    public Collection<Dial> dials() {
        return List.copyOf(dials);
    }

    /** Empty when the target was never tried. */
    public Optional<LastTry> lastTry(Target target) {
        return Optional.ofNullable(lastTries.get(target));
    }

    public Tries tries(Target target) {
        return tries.getOrDefault(target, Tries.NONE);
    }

    /** The target of the latest connect that succeeded. */
    public Optional<Target> active() {
        return Optional.ofNullable(active);
    }

    /**
     * Whether a target failed and is passed over: it failed less than 10 s ago, or one attempt is trying it again and
     * has no answer yet. A trial that was dropped counts from its start, so that downstreams that soon disconnect do
     * not take turns at it.
     */
    public boolean isEjected(Target target) {
        LastTry last = lastTries.get(target);
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
        return nanos + EJECTED_NANOS - nanoTime.getAsLong() > 0;
    }

    private boolean hasFailed(Target target) {
        LastTry last = lastTries.get(target);
        return last != null && last.result() != DialResult.OK;
    }

    /** Forgets targets that are not in the list. A dial of one that ends later is not recorded. */
    public void retain(List<Target> targets) {
        current = Set.copyOf(targets);
        lastTries.keySet().retainAll(current);
        tries.keySet().retainAll(current);
        trials.keySet().retainAll(current);
        Target used = active;
        if (used != null && !targets.contains(used)) {
            active = null;
        }
    }

    /**
     * The target to try next: the first that has not failed, or whose 10 s are over. If there is none, the first.
     *
     * @param targets at least one, in order of preference
     * @param mayTryAgain whether a target that failed may be chosen before all others; once for each dial, because a
     *     connection should wait for no more than one
     * @param trial the target that the calling dial tries again already; null if there is none
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
     * @return whether it is the trial of this target: the others pass the target over until the trial is recorded or
     *     dropped
     */
    boolean began(Target target, HappyEyeballs by) {
        if (!hasFailed(target) || isEjected(target)) {
            return false;
        }
        trials.put(target, new Trial(by, nanoTime.getAsLong()));
        return true;
    }

    /** An attempt ended without an answer. */
    void dropped(Target target, HappyEyeballs by) {
        trials.computeIfPresent(target, (key, trial) -> trial.by() == by ? new Trial(null, trial.beganNanos()) : trial);
    }

    /** A target ended a connection soon, before it sent a byte. Without a health check it is dialled as before. */
    public void unanswered(Target target) {
        tries.computeIfPresent(target, (key, before) -> before.withUnanswered());
        if (checked != null) {
            checked.unanswered(target);
        }
    }

    void record(Target target, DialResult result, String sentence) {
        if (result == DialResult.CANCELLED || (current != null && !current.contains(target))) {
            return;
        }
        trials.remove(target);
        lastTries.put(target, new LastTry(result, sentence, nanoTime.getAsLong()));
        tries.put(target, tries(target).with(result));
        if (result == DialResult.OK) {
            active = target;
        }
        if (checked != null) {
            checked.connectEnded(target, result, sentence);
        }
    }
}
