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
 * Lets gateways serve what leads to no circle. Two that lead to each other may be settled at one moment, each before the
 * caches have the other's table, and both would be let through. So what one may serve counts as served before it is written,
 * and a judgement that meanwhile another gateway made doubtful is made again.
 *
 * <p>Callable from any thread. Judging takes long for who has many gateways, and so holds no lock: it keeps nobody else
 * waiting.
 */
final class LoopGuard {
    /** What gateways may serve that the caches may not have yet, by uid. */
    private final Map<String, List<Link>> permitted = new HashMap<>();

    /** The number of the latest permit of a gateway, by uid, for as long as a judgement is under way that began before it. */
    private final Map<String, Long> latest = new HashMap<>();

    /** How many judgements are under way, by the number of permits when they began. */
    private final TreeMap<Long, Integer> underWay = new TreeMap<>();

    private final String clusterDomain;
    private long permits;

    LoopGuard(String clusterDomain) {
        this.clusterDomain = clusterDomain;
    }

    /** What a judgement begins with: before it looks into the caches, so that nothing is in neither. */
    private record Beginning(long permits, Map<String, List<Link>> permitted) {}

    /**
     * As {@link GatewayLoops#judge}. When it is empty, what {@code own} asks for counts as served until {@link #settled}.
     *
     * @param others as the caches have them at the moment of the call
     */
    Optional<String> refusal(Gateway own, Supplier<Collection<Gateway>> others) {
        while (true) {
            Beginning beginning = begin();
            boolean holds = false;
            try {
                List<Gateway> seen = others.get().stream()
                        .map(gateway -> with(gateway, beginning.permitted().getOrDefault(gateway.uid(), List.of())))
                        .toList();
                Judgement judgement = GatewayLoops.judge(own, seen, clusterDomain);
                if (judgement.refusal().isPresent()) {
                    return judgement.refusal();
                }
                holds = permit(own, beginning, judgement.restsOn(), seen);
            } finally {
                end(beginning);
            }
            if (holds) {
                return Optional.empty();
            }
        }
    }

    private synchronized Beginning begin() {
        underWay.merge(permits, 1, Integer::sum);
        return new Beginning(permits, Map.copyOf(permitted));
    }

    private synchronized void end(Beginning beginning) {
        underWay.computeIfPresent(beginning.permits(), (at, count) -> count == 1 ? null : count - 1);
        long eldest = underWay.isEmpty() ? permits : underWay.firstKey();
        latest.values().removeIf(at -> at <= eldest);
    }

    /** False when since the beginning another gateway that matters was permitted something. */
    private synchronized boolean permit(Gateway own, Beginning beginning, Set<String> restsOn, List<Gateway> seen) {
        Set<String> since = latest.entrySet().stream()
                .filter(entry -> entry.getValue() > beginning.permits())
                .map(Map.Entry::getKey)
                .filter(uid -> !uid.equals(own.uid()))
                .collect(Collectors.toSet());
        if (!since.isEmpty()) {
            Set<String> unseen = new HashSet<>(since);
            seen.forEach(gateway -> unseen.remove(gateway.uid()));
            if (!unseen.isEmpty() || since.stream().anyMatch(restsOn::contains)) {
                return false;
            }
        }
        permitted.put(own.uid(), own.asked());
        latest.put(own.uid(), ++permits);
        return true;
    }

    /** The caches have what the gateway of this uid serves now. */
    synchronized void settled(String uid) {
        permitted.remove(uid);
    }

    private static Gateway with(Gateway gateway, List<Link> permitted) {
        if (permitted.isEmpty()) {
            return gateway;
        }
        List<Link> links = new ArrayList<>(gateway.applied());
        links.addAll(permitted);
        return new Gateway(
                gateway.namespace(),
                gateway.name(),
                gateway.createdAt(),
                gateway.uid(),
                gateway.service(),
                gateway.addresses(),
                gateway.asked(),
                links);
    }
}
