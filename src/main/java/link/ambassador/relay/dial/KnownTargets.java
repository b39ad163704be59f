package link.ambassador.relay.dial;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import link.ambassador.config.HealthCheck;
import link.ambassador.config.Target;

/** What is known of each target of a link by its health check, and for how long that counts. On the event loop. */
final class KnownTargets {
    private final HealthCheck check;
    private final LongSupplier nanoTime;
    private final Map<Target, CheckedTarget> targets = new LinkedHashMap<>();

    /** Of no target. */
    KnownTargets(HealthCheck check, LongSupplier nanoTime) {
        this.check = check;
        this.nanoTime = nanoTime;
    }

    /** The link has these targets. What is known of those that stay is kept. */
    void become(List<Target> next) {
        Map<Target, CheckedTarget> before = new LinkedHashMap<>(targets);
        targets.clear();
        for (Target target : next) {
            targets.put(target, before.containsKey(target) ? before.get(target) : unknown());
        }
    }

    /** What was known does not count any longer. */
    void forget() {
        targets.replaceAll((target, known) -> unknown());
    }

    private CheckedTarget unknown() {
        CheckedTarget.State first = isTcp() ? CheckedTarget.State.HEALTHY : CheckedTarget.State.UNCHECKED;
        return new CheckedTarget(first, check.unhealthyThreshold(), check.healthyThreshold(), nanoTime.getAsLong());
    }

    boolean isTcp() {
        return check.check() instanceof HealthCheck.Tcp;
    }

    boolean areProbedOnFailure() {
        return check.probing() == HealthCheck.Probing.ON_FAILURE;
    }

    /** In the order of the link. */
    Collection<Target> all() {
        return targets.keySet();
    }

    /** Null if the link has no such target. */
    CheckedTarget get(Target target) {
        return targets.get(target);
    }

    /**
     * What is known now of a target, which the link has: an answer gets old if nobody asks again.
     *
     * @param isUsed whether connections go there while it is healthy: they would tell
     */
    CheckedTarget.State state(Target target, boolean isUsed) {
        CheckedTarget known = targets.get(target);
        boolean getsOld = !isTcp() && areProbedOnFailure() && !(known.state() == CheckedTarget.State.HEALTHY && isUsed);
        long ageNanos = nanoTime.getAsLong() - known.checkedNanos();
        return getsOld && ageNanos > staleNanos() ? CheckedTarget.State.UNCHECKED : known.state();
    }

    /** Those that are probed have an answer every interval, which may be a fifth longer, and the probe itself takes its time. */
    private long staleNanos() {
        return check.interval().toNanos() * 3 / 2 + check.timeout().toNanos();
    }

    /** Why the latest probe or connect of each failed. */
    String errors() {
        return targets.entrySet().stream()
                .map(entry -> entry.getKey() + ": " + entry.getValue().error())
                .collect(Collectors.joining("; "));
    }
}
