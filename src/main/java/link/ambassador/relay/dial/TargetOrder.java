package link.ambassador.relay.dial;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;
import link.ambassador.config.Failover;
import link.ambassador.config.Link;
import link.ambassador.config.Target;

/**
 * The order in which a connection tries the targets of a link: that of the link, or a random one by weight. Immutable.
 *
 * @param weights of each target, in order of preference; 1 unless the link has weights
 * @param below a random number that is less than the given one, and not negative
 */
record TargetOrder(Map<Target, Integer> weights, boolean isWeighted, LongUnaryOperator below) {
    static TargetOrder of(Link link, LongUnaryOperator below) {
        Failover failover = link.failover().orElseThrow();
        boolean isWeighted = failover.selection() == Failover.Selection.WEIGHTED;
        Map<Target, Integer> weights = new LinkedHashMap<>();
        for (int i = 0; i < link.targets().size(); i++) {
            // Of a target that is listed twice, the first counts.
            weights.putIfAbsent(
                    link.targets().get(i), isWeighted ? failover.weights().get(i) : 1);
        }
        return new TargetOrder(weights, isWeighted, below);
    }

    int weightOf(Target target) {
        return weights.get(target);
    }

    /** Whether one target is preferred to another one. */
    boolean isBefore(Target one, Target other) {
        for (Target each : weights.keySet()) {
            if (each.equals(other)) {
                return false;
            }
            if (each.equals(one)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Those of {@code untried} that may be tried.
     *
     * @param inUse comes first, unless there are weights; null if no target does
     */
    List<Target> of(Collection<Target> untried, Target inUse) {
        List<Target> left = new ArrayList<>();
        weights.forEach((target, weight) -> {
            if (weight > 0 && untried.contains(target)) {
                left.add(target);
            }
        });
        if (isWeighted) {
            return shuffled(left);
        }
        if (left.remove(inUse)) {
            left.add(0, inUse);
        }
        return left;
    }

    private List<Target> shuffled(List<Target> left) {
        List<Target> ordered = new ArrayList<>();
        while (!left.isEmpty()) {
            long random =
                    below.applyAsLong(left.stream().mapToLong(this::weightOf).sum());
            int chosen = 0;
            while (random >= weightOf(left.get(chosen))) {
                random -= weightOf(left.get(chosen++));
            }
            ordered.add(left.remove(chosen));
        }
        return ordered;
    }
}
