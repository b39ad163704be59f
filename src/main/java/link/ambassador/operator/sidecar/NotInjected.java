package link.ambassador.operator.sidecar;

import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import link.ambassador.model.InjectionReason;
import link.ambassador.operator.status.AmbassadorEvent;

/** Events about pods that an Ambassador selects and that cannot have a relay. */
final class NotInjected {
    private static final int MOST_OWNERS = 3;

    /** Pods whose author asked for this, and pods that are relays themselves, need no report. */
    private static final Set<InjectionReason> EXPECTED = Set.of(InjectionReason.OPTED_OUT, InjectionReason.GATEWAY);

    private NotInjected() {}

    /** Whether the pod lacks a relay for a reason that should be reported. */
    static boolean isReported(ConsumerPod pod) {
        return !pod.isInjected()
                && pod.obstacle().filter(reason -> !EXPECTED.contains(reason)).isPresent();
    }

    /**
     * One for each reason, with the same word as in the webhook's log and metrics. It has no count and no pod's name, so that it stays
     * the same throughout a rollout.
     */
    static List<AmbassadorEvent> events(Collection<ConsumerPod> selected) {
        Map<InjectionReason, Set<String>> ownersByReason = new EnumMap<>(InjectionReason.class);
        selected.stream().filter(NotInjected::isReported).forEach(pod -> ownersByReason
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

    /** {@code of deployment/a, deployment/b }, with a space at its end; empty when no controller would recreate them. */
    static String of(Collection<String> owners) {
        if (owners.isEmpty()) {
            return "";
        }
        int more = owners.size() - MOST_OWNERS;
        return owners.stream().sorted().limit(MOST_OWNERS).collect(Collectors.joining(", ", "of ", ""))
                + (more > 0 ? " and " + more + " more " : " ");
    }
}
