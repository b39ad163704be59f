package link.ambassador.relay.dial;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import link.ambassador.link.Target;

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
    public record Seen(DialResult result, String sentence, long atNanos) {

        /** The time until which it is passed over; its own time when it did not fail. */
        public long passedOverUntilNanos() {
            return result == DialResult.OK ? atNanos : atNanos + PASSED_OVER_NANOS;
        }
    }

    private final LongSupplier nanoTime;
    private final Map<Target, Seen> seen = new ConcurrentHashMap<>();
    private volatile Target inUse;
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
    public Optional<Target> inUse() {
        return Optional.ofNullable(inUse);
    }

    public boolean isPassedOver(Target target) {
        Seen last = seen.get(target);
        return last != null && last.passedOverUntilNanos() - nanoTime.getAsLong() > 0;
    }

    /** Forgets targets that left the list, for good: a dial of one that ends later is not recorded. */
    public synchronized void retain(List<Target> targets) {
        current = Set.copyOf(targets);
        seen.keySet().retainAll(current);
        Target used = inUse;
        if (used != null && !targets.contains(used)) {
            inUse = null;
        }
    }

    /**
     * The order to try targets in: as preferred, those passed over behind the others. So a passed over target is tried
     * only when all others failed, and when all are passed over the preference decides again.
     */
    List<Target> order(List<Target> targets) {
        List<Target> first = new ArrayList<>();
        List<Target> last = new ArrayList<>();
        for (Target target : new LinkedHashSet<>(targets)) {
            (isPassedOver(target) ? last : first).add(target);
        }
        first.addAll(last);
        return first;
    }

    synchronized void record(Target target, DialResult result, String sentence) {
        if (result == DialResult.CANCELLED || (current != null && !current.contains(target))) {
            return;
        }
        seen.put(target, new Seen(result, sentence, nanoTime.getAsLong()));
        if (result == DialResult.OK) {
            inUse = target;
        }
    }
}
