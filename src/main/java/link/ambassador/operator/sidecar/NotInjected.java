package link.ambassador.operator.sidecar;

import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import link.ambassador.model.InjectionReason;
import link.ambassador.operator.status.AmbassadorEvent;

/** What is told of pods that an Ambassador selects and that can have no relay. */
final class NotInjected {
    private static final int MOST_OWNERS = 3;

    /** What somebody asked for, and pods that are relays themselves, are nobody's news. */
    private static final Set<InjectionReason> AS_WISHED = Set.of(InjectionReason.OPTED_OUT, InjectionReason.GATEWAY);

    private NotInjected() {}

    /** Whether the pod lacks a relay in a way that somebody should hear of. */
    static boolean isNews(ConsumerPod pod) {
        return !pod.injected()
                && pod.obstacle().filter(reason -> !AS_WISHED.contains(reason)).isPresent();
    }

    /**
     * One for each reason, by the same word as in the webhook's log and metrics. No count and no pod's name is in it, so
     * that it is the same one throughout a rollout.
     */
    static List<AmbassadorEvent> events(Collection<ConsumerPod> selected) {
        Map<InjectionReason, Set<String>> ownersByReason = new EnumMap<>(InjectionReason.class);
        selected.stream().filter(NotInjected::isNews).forEach(pod -> ownersByReason
                .computeIfAbsent(pod.obstacle().orElseThrow(), reason -> new TreeSet<>())
                .addAll(pod.owner().stream().toList()));
        return ownersByReason.entrySet().stream()
                .map(entry -> new AmbassadorEvent(
                        true,
                        entry.getKey().word(),
                        "Pods " + of(entry.getValue()) + "are selected and have no relay: "
                                + entry.getKey().sentence()))
                .toList();
    }

    /** {@code of deployment/a, deployment/b }, with a space at its end; empty when nobody would create them anew. */
    static String of(Collection<String> owners) {
        if (owners.isEmpty()) {
            return "";
        }
        Optional<String> more = Optional.of(owners.size() - MOST_OWNERS)
                .filter(count -> count > 0)
                .map(count -> " and " + count + " more");
        return owners.stream().sorted().limit(MOST_OWNERS).collect(Collectors.joining(", ", "of ", ""))
                + more.orElse("") + " ";
    }
}
