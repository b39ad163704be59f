package link.ambassador.operator.sidecar;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.model.RelayPodDefaults;
import link.ambassador.operator.status.AmbassadorEvent;
import link.ambassador.operator.status.ObservedState;

/**
 * What running pods cannot be given: a relay, a port below 1024, a credential, or the names and variables of a link. The operator reports it with the
 * command that helps, and never runs that command.
 */
final class RestartAdvice {
    private static final int MOST_COMMANDS = 3;

    private RestartAdvice() {}

    /**
     * A sentence with what is missing and the command that helps; empty when nothing is missing.
     *
     * @param credentials that the links name
     * @param forbidden the selected pods whose relay lacks the right to listen on a port
     */
    static Optional<ObservedState.Restart> needed(
            List<ConsumerPod> selected,
            List<ConsumerPod> forbidden,
            Optional<LinkTable> desired,
            Collection<String> credentials) {
        List<ConsumerPod> bare =
                selected.stream().filter(pod -> !pod.isInjected()).toList();
        if (!bare.isEmpty()) {
            return Optional.of(new ObservedState.Restart(
                    true,
                    bare.size() + " of " + selected.size() + " selected pods were created without a relay: "
                            + commands(bare)));
        }
        if (!forbidden.isEmpty()) {
            return Optional.of(new ObservedState.Restart(
                    true,
                    forbidden.size() + " of " + selected.size() + " pods were created without the sysctl "
                            + RelayPodDefaults.UNPRIVILEGED_PORT_START
                            + ", and their relays may not listen below port " + RelayPodDefaults.FIRST_UNPRIVILEGED_PORT
                            + ": " + commands(forbidden)));
        }
        List<ConsumerPod> without = selected.stream()
                .filter(pod -> !pod.credentials().containsAll(credentials))
                .toList();
        if (!without.isEmpty()) {
            return Optional.of(new ObservedState.Restart(
                    true,
                    without.size() + " of " + selected.size() + " pods were created without the credential "
                            + String.join(", ", lackedBy(without, credentials)) + ": " + commands(without)));
        }
        List<ConsumerPod> nameless = selected.stream()
                .filter(pod -> links(desired)
                        .anyMatch(link -> !pod.injectedLinks().contains(link.alias() + ":" + link.listen())))
                .toList();
        return nameless.isEmpty()
                ? Optional.empty()
                : Optional.of(new ObservedState.Restart(
                        false,
                        nameless.size() + " of " + selected.size()
                                + " pods predate a link. It works on 127.0.0.1, but its host name and"
                                + " variables are missing. " + commands(nameless)));
    }

    /**
     * That pods do not reach a link by its name. It has no count and no pod's name, so that it stays the same throughout a rollout.
     * Pods without a relay are reported by the condition Ready.
     */
    static Optional<AmbassadorEvent> event(List<ConsumerPod> selected, Optional<LinkTable> desired) {
        List<ConsumerPod> nameless = selected.stream()
                .filter(pod -> pod.isInjected()
                        && pod.owner().isPresent()
                        && !cameLater(pod, desired).isEmpty())
                .toList();
        if (nameless.isEmpty()) {
            return Optional.empty();
        }
        Set<String> owners = new TreeSet<>();
        Set<String> aliases = new TreeSet<>();
        for (ConsumerPod pod : nameless) {
            pod.owner().ifPresent(owners::add);
            aliases.addAll(cameLater(pod, desired));
        }
        return Optional.of(new AmbassadorEvent(
                true,
                ConditionReason.RESTART_NEEDED.word(),
                "Pods " + NotInjected.of(owners) + "predate the alias " + String.join(", ", aliases)
                        + ". The link works on 127.0.0.1, but not by this name. " + commands(nameless)));
    }

    private static Set<String> lackedBy(List<ConsumerPod> pods, Collection<String> credentials) {
        return credentials.stream()
                .filter(name -> pods.stream().anyMatch(pod -> !pod.credentials().contains(name)))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The aliases that did not exist when the pod was created. */
    private static Set<String> cameLater(ConsumerPod pod, Optional<LinkTable> desired) {
        return links(desired)
                .map(Link::alias)
                .filter(alias -> !pod.names().contains(alias)
                        // The pod's own host alias of that name was kept, and would be kept again.
                        && pod.injectedLinks().stream().noneMatch(link -> link.startsWith(alias + ":")))
                .collect(Collectors.toSet());
    }

    private static Stream<Link> links(Optional<LinkTable> desired) {
        return desired.stream().flatMap(table -> table.links().stream());
    }

    /** How to recreate these pods, as the end of a sentence. */
    static String commands(List<ConsumerPod> pods) {
        List<String> owners = pods.stream()
                .flatMap(pod -> pod.owner().stream())
                .distinct()
                .sorted()
                .toList();
        String namespace = pods.get(0).relay().namespace();
        String restarts = owners.stream()
                .limit(MOST_COMMANDS)
                .map(owner -> "kubectl -n " + namespace + " rollout restart " + owner)
                .collect(Collectors.joining("; "));
        String more = owners.size() > MOST_COMMANDS ? " (and " + (owners.size() - MOST_COMMANDS) + " more)" : "";
        Optional<String> orphan = pods.stream()
                .filter(pod -> pod.owner().isEmpty())
                .map(pod -> pod.relay().name())
                .sorted()
                .findFirst()
                .map(name -> "recreate pod " + name);
        return owners.isEmpty()
                ? orphan.orElse("") + "."
                : restarts + more + orphan.map(text -> "; " + text).orElse("") + ".";
    }
}
