package link.ambassador.operator;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import link.ambassador.link.Link;
import link.ambassador.operator.desired.Gateway;
import link.ambassador.operator.desired.SelfTarget;

/**
 * Lets gateways serve what leads to no circle. Two that lead to each other may be settled at one moment, each before the
 * caches have the other's table, and both would be let through: so they are judged one at a time, and what one may serve
 * counts as served before it is written. Callable from any thread.
 */
final class Permits {
    private final Map<String, List<Link>> permitted = new HashMap<>();
    private final String clusterDomain;

    Permits(String clusterDomain) {
        this.clusterDomain = clusterDomain;
    }

    /**
     * As {@link SelfTarget#refusal}. When it is empty, what {@code own} asks for counts as served until {@link #settled}.
     *
     * @param others as the caches have them at the moment of the call
     */
    synchronized Optional<String> refusal(Gateway own, Supplier<Collection<Gateway>> others) {
        List<Gateway> seen = others.get().stream().map(this::withPermitted).toList();
        Optional<String> refusal = SelfTarget.refusal(own, seen, clusterDomain);
        if (refusal.isEmpty()) {
            permitted.put(own.uid(), own.asked());
        }
        return refusal;
    }

    /** The caches have what the gateway of this uid serves now. */
    synchronized void settled(String uid) {
        permitted.remove(uid);
    }

    private Gateway withPermitted(Gateway gateway) {
        List<Link> links = new ArrayList<>(gateway.applied());
        links.addAll(permitted.getOrDefault(gateway.uid(), List.of()));
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
