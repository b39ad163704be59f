package link.ambassador.relay.dial;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import link.ambassador.config.Target;

/**
 * Why the targets of one link are probed that are probed on failure: the link is used, and somebody would do something else if the answer
 * were another one. On the event loop.
 */
final class ProbeDemand {
    private final CheckedTargets targets;
    private final LongSupplier nanoTime;
    private final IntSupplier openConnections;
    private final Set<Target> awaited = new HashSet<>();
    private long usedNanos;

    /** Of a link that nobody has used. */
    ProbeDemand(CheckedTargets targets, LongSupplier nanoTime, IntSupplier openConnections) {
        this.targets = targets;
        this.nanoTime = nanoTime;
        this.openConnections = openConnections;
        this.usedNanos = nanoTime.getAsLong() - CheckedTargets.PROBED_WITHOUT_CONNECTIONS.toNanos();
    }

    /** A connection came or ended. */
    void used() {
        usedNanos = nanoTime.getAsLong();
    }

    /** Whether the link has connections, or had one not long ago. */
    boolean isUsed() {
        return openConnections.getAsInt() > 0
                || nanoTime.getAsLong() - usedNanos < CheckedTargets.PROBED_WITHOUT_CONNECTIONS.toNanos();
    }

    /** A dial waits for the next probe of a target; returns whether it is the first one. */
    boolean await(Target target) {
        return awaited.add(target);
    }

    boolean isAwaited(Target target) {
        return awaited.contains(target);
    }

    /** A probe ended. */
    void answered(Target target) {
        awaited.remove(target);
    }

    /** Forgets targets that the link does not have. */
    void retain(Collection<Target> current) {
        awaited.retainAll(current);
    }

    /** Whether there is a reason to probe a target, now and every interval. */
    boolean hasReason(Target target, CheckedTarget known) {
        if (!isUsed()) {
            return false;
        }
        if (awaited.contains(target) || (known.hasConnectFailed() && !known.isFit())) {
            return true;
        }
        if (targets.isWeighted()) {
            return known.state() != CheckedTarget.State.UNCHECKED && !known.isFit();
        }
        Target inUse = targets.inUse().orElse(null);
        if (target.equals(inUse)) {
            return !known.isFit();
        }
        if (inUse == null) {
            return false;
        }
        return targets.known(inUse).state() == CheckedTarget.State.UNHEALTHY
                ? !(targets.isTcp() && known.isFit())
                : targets.isPreferred(target) && mayFailBackTo(known);
    }

    /** Also while it is healthy: it is used only once it has been so for a while. */
    private boolean mayFailBackTo(CheckedTarget known) {
        return !known.isFit() || targets.failsBack();
    }
}
