package link.ambassador.relay.dial;

import java.time.Duration;
import java.util.function.LongSupplier;
import link.ambassador.config.Failover;
import link.ambassador.config.Target;

/** The target that new connections of a link without weights prefer: when they leave it, and when they go back. On the event loop. */
final class TargetInUse {
    private final CheckedTargets targets;
    private final LongSupplier nanoTime;
    private final CheckedTargets.Listener listener;
    private Target target;
    private long failovers;

    /** Of a link of which nothing is known. */
    TargetInUse(CheckedTargets targets, LongSupplier nanoTime, CheckedTargets.Listener listener) {
        this.targets = targets;
        this.nanoTime = nanoTime;
        this.listener = listener;
    }

    /** Null before it is known. */
    Target target() {
        return target;
    }

    /** How often it became another one. */
    long failovers() {
        return failovers;
    }

    /** The next choice is the first one. */
    void forget() {
        target = null;
    }

    /** Chooses; returns whether it is another one now. */
    boolean select(Failover.Failback failback) {
        Target before = target;
        if (target == null || !targets.isHealthy(target)) {
            failOver();
        } else if (failback.after().isPresent()) {
            failBack(failback.after().get());
        }
        if (before == null || before.equals(target)) {
            return before == null && target != null;
        }
        failovers++;
        return true;
    }

    private void failOver() {
        boolean isFirst = target == null;
        for (Target each : targets.all()) {
            if (targets.isHealthy(each)) {
                target = each;
                return;
            }
            if (isFirst && targets.isUnchecked(each)) {
                // It is preferred, and its probe will tell.
                return;
            }
        }
    }

    private void failBack(Duration after) {
        for (Target each : targets.all()) {
            if (each.equals(target)) {
                return;
            }
            CheckedTarget known = targets.known(each);
            if (targets.isHealthy(each)
                    && known.isFit()
                    && nanoTime.getAsLong() - known.sinceNanos() >= after.toNanos()) {
                Target left = target;
                target = each;
                listener.left(left, each + " is healthy again");
                return;
            }
        }
    }
}
