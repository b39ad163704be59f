package link.ambassador.operator.gateway;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import link.ambassador.config.Link;
import link.ambassador.operator.gateway.GatewayLoops.Judgement;

/**
 * Prevents loops of gateways that are reconciled at the same moment. Two gateways that lead to each other could both be allowed, each
 * before the caches have the table of the other. So the links that one may serve count as served before they are written, and a
 * judgement that another gateway made doubtful meanwhile is made again.
 *
 * <p>Callable from any thread. A judgement takes long where there are many gateways, so it holds no lock, and delays nobody else.
 */
final class LoopGuard {
    /** The links that gateways may serve and the caches may not have yet, by uid. */
    private final Map<String, List<Link>> allowed = new HashMap<>();

    /** When each gateway was last allowed something, by uid, as long as a judgement is in progress that began before that. */
    private final Map<String, Long> latest = new HashMap<>();

    /** How many judgements are in progress, by the time when they began. */
    private final TreeMap<Long, Integer> inProgress = new TreeMap<>();

    private final String clusterDomain;

    /** Counts how often a gateway was allowed something, and so serves as a clock. */
    private long time;

    LoopGuard(String clusterDomain) {
        this.clusterDomain = clusterDomain;
    }

    /** What a judgement starts with. It is taken before the caches are read, so that no link is missing in both. */
    private record Beginning(long time, Map<String, List<Link>> allowed) {}

    /**
     * The refusal of {@link GatewayLoops#judge}. When it is empty, the links that {@code own} asks for count as served until
     * {@link #applied}.
     *
     * @param others reads the other gateways from the caches
     */
    Optional<String> refusal(Gateway own, Supplier<Collection<Gateway>> others) {
        while (true) {
            Beginning beginning = begin();
            boolean valid = false;
            try {
                List<Gateway> cached = others.get().stream()
                        .map(gateway -> with(gateway, beginning.allowed().getOrDefault(gateway.uid(), List.of())))
                        .toList();
                Judgement judgement = GatewayLoops.judge(own, cached, clusterDomain);
                if (judgement.refusal().isPresent()) {
                    return judgement.refusal();
                }
                valid = allow(own, beginning, judgement.dependsOn(), cached);
            } finally {
                end(beginning);
            }
            if (valid) {
                return Optional.empty();
            }
        }
    }

    private synchronized Beginning begin() {
        inProgress.merge(time, 1, Integer::sum);
        return new Beginning(time, Map.copyOf(allowed));
    }

    private synchronized void end(Beginning beginning) {
        inProgress.computeIfPresent(beginning.time(), (at, count) -> count == 1 ? null : count - 1);
        long eldest = inProgress.isEmpty() ? time : inProgress.firstKey();
        latest.values().removeIf(at -> at <= eldest);
    }

    /** False when another gateway that matters was allowed something since the beginning. */
    private synchronized boolean allow(Gateway own, Beginning beginning, Set<String> dependsOn, List<Gateway> cached) {
        Set<String> since = latest.entrySet().stream()
                .filter(entry -> entry.getValue() > beginning.time())
                .map(Map.Entry::getKey)
                .filter(uid -> !uid.equals(own.uid()))
                .collect(Collectors.toSet());
        if (!since.isEmpty()) {
            Set<String> unknown = new HashSet<>(since);
            cached.forEach(gateway -> unknown.remove(gateway.uid()));
            if (!unknown.isEmpty() || since.stream().anyMatch(dependsOn::contains)) {
                return false;
            }
        }
        allowed.put(own.uid(), own.desired());
        latest.put(own.uid(), ++time);
        return true;
    }

    /** The caches have the links that the gateway of this uid serves now. */
    synchronized void applied(String uid) {
        allowed.remove(uid);
    }

    private static Gateway with(Gateway gateway, List<Link> allowed) {
        List<Link> links = new ArrayList<>(gateway.applied());
        links.addAll(allowed);
        return gateway.with(gateway.desired(), links);
    }
}
