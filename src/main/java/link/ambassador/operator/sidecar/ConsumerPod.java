package link.ambassador.operator.sidecar;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.Sysctl;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import link.ambassador.config.Annotations;
import link.ambassador.config.Feature;
import link.ambassador.config.LinkTable;
import link.ambassador.config.LinkTableReader;
import link.ambassador.config.ParseResult;
import link.ambassador.config.RelayEnvironment;
import link.ambassador.model.Credentials;
import link.ambassador.model.InjectionReason;
import link.ambassador.model.OlderRelay;
import link.ambassador.model.PodTraits;
import link.ambassador.model.RelayPodDefaults;
import link.ambassador.operator.delivery.RelayPod;

/**
 * A user's pod, with what matters to sidecars.
 *
 * @param relay its sidecar as deliveries see it: running and ready once the sidecar has started, whatever the app does
 * @param sidecar what its relay was injected with; empty when it has no sidecar
 * @param obstacle why the webhook injects no relay, although the pod is selected; empty when it injects one
 * @param ended whether its containers have ended and none will start again
 * @param links the annotation with its table, as it is; empty when there is none
 * @param owner the controller that would recreate it, as kubectl names it, {@code deployment/web}; empty without one
 */
public record ConsumerPod(
        RelayPod relay,
        Map<String, String> labels,
        Optional<Sidecar> sidecar,
        Optional<InjectionReason> obstacle,
        boolean ended,
        Optional<String> links,
        Optional<String> owner) {
    private static final Set<String> ENDED = Set.of("Succeeded", "Failed");
    private static final String TEMPLATE_HASH = "pod-template-hash";

    /**
     * What does not change any more once the pod is created.
     *
     * @param names that the pod's hosts file gives to the relay
     * @param links as {@code alias:port}, those whose names and variables the pod has
     * @param features of its relay
     * @param credentials that it was created with
     * @param portStart whether the pod has the sysctl that sets the lowest port its relay may listen on, whatever its value
     */
    public record Sidecar(
            Set<String> names, Set<String> links, Set<Feature> features, Set<String> credentials, boolean portStart) {}

    static ConsumerPod of(Pod pod) {
        Map<String, String> labels =
                Optional.ofNullable(pod.getMetadata().getLabels()).orElse(Map.of());
        Map<String, String> annotations =
                Optional.ofNullable(pod.getMetadata().getAnnotations()).orElse(Map.of());
        PodSpec spec = pod.getSpec() == null ? new PodSpec() : pod.getSpec();
        PodStatus status = pod.getStatus() == null ? new PodStatus() : pod.getStatus();
        boolean ended = ENDED.contains(String.valueOf(status.getPhase()));
        boolean started = status.getInitContainerStatuses().stream()
                .filter(container -> RelayEnvironment.SIDECAR_CONTAINER.equals(container.getName()))
                .anyMatch(container -> Boolean.TRUE.equals(container.getStarted()));
        return new ConsumerPod(
                new RelayPod(
                        pod.getMetadata().getNamespace(),
                        pod.getMetadata().getName(),
                        pod.getMetadata().getUid(),
                        Optional.ofNullable(status.getPodIP()).filter(ip -> !ip.isEmpty()),
                        started && !ended,
                        pod.getMetadata().getDeletionTimestamp() != null,
                        started),
                labels,
                relayContainer(spec)
                        .map(container -> new Sidecar(
                                names(container),
                                words(annotations.get(Annotations.INJECTED)),
                                Feature.in(annotations.getOrDefault(Annotations.RELAY_FEATURES, "")),
                                Credentials.in(annotations.getOrDefault(Annotations.CREDENTIALS, "")),
                                !portStart(spec).isEmpty())),
                obstacle(traits(pod, spec, labels, annotations), annotations),
                ended,
                Optional.ofNullable(annotations.get(Annotations.LINKS)),
                owner(pod, labels));
    }

    boolean isInjected() {
        return sidecar.isPresent();
    }

    Set<String> names() {
        return sidecar.map(Sidecar::names).orElse(Set.of());
    }

    Set<Feature> features() {
        return sidecar.map(Sidecar::features).orElse(Set.of());
    }

    Set<String> credentials() {
        return sidecar.map(Sidecar::credentials).orElse(Set.of());
    }

    /** Its relay, with the table that it has. */
    OlderRelay olderRelay() {
        return new OlderRelay(features(), credentials(), table());
    }

    Set<String> injectedLinks() {
        return sidecar.map(Sidecar::links).orElse(Set.of());
    }

    /** The table in its annotation; empty when there is none, or none that can be read. */
    public Optional<LinkTable> table() {
        return links.map(text -> LinkTableReader.read(text.getBytes(StandardCharsets.UTF_8)))
                .filter(ParseResult.Accepted.class::isInstance)
                .map(reading -> ((ParseResult.Accepted) reading).table());
    }

    /** Whether it has no sidecar, although nothing in the pod itself prevents one. */
    boolean lacksRelay() {
        return !isInjected() && obstacle.isEmpty();
    }

    /** The same pod in a namespace that disables injection: that is why it has no sidecar, if nothing else is. */
    ConsumerPod inDisabledNamespace() {
        return lacksRelay()
                ? new ConsumerPod(
                        relay, labels, sidecar, Optional.of(InjectionReason.NAMESPACE_DISABLED), ended, links, owner)
                : this;
    }

    /** Whether it has a sidecar that serves, or will serve. */
    boolean serves() {
        return isInjected() && !ended && !relay.terminating();
    }

    static Optional<Container> relayContainer(PodSpec spec) {
        return spec.getInitContainers().stream()
                .filter(container -> RelayEnvironment.SIDECAR_CONTAINER.equals(container.getName()))
                .findFirst();
    }

    static List<Sysctl> portStart(PodSpec spec) {
        return spec.getSecurityContext() == null
                ? List.of()
                : spec.getSecurityContext().getSysctls().stream()
                        .filter(sysctl -> RelayPodDefaults.UNPRIVILEGED_PORT_START.equals(
                                String.valueOf(sysctl.getName()).replace('/', '.')))
                        .toList();
    }

    private static Set<String> names(Container container) {
        return container.getEnv().stream()
                .filter(variable -> RelayEnvironment.ALIASES.equals(variable.getName()))
                .findFirst()
                .map(variable -> words(variable.getValue()))
                .orElse(Set.of());
    }

    private static PodTraits traits(
            Pod pod, PodSpec spec, Map<String, String> labels, Map<String, String> annotations) {
        return new PodTraits(
                pod.getMetadata().getNamespace(),
                labels,
                annotations.containsKey(PodTraits.MIRROR),
                PodTraits.isWindows(
                        spec.getOs() == null ? null : spec.getOs().getName(),
                        Optional.ofNullable(spec.getNodeSelector()).orElse(Map.of())),
                Boolean.TRUE.equals(spec.getHostNetwork()));
    }

    /** The webhook sees more of a pod than is cached here; it writes its own reason into an annotation. */
    private static Optional<InjectionReason> obstacle(PodTraits traits, Map<String, String> annotations) {
        if (traits.isOptedOut()) {
            return Optional.of(InjectionReason.OPTED_OUT);
        }
        return traits.obstacle().or(() -> Optional.ofNullable(annotations.get(Annotations.INJECTION_REASON))
                .flatMap(InjectionReason::ofWord)
                .filter(reason -> !reason.injects()));
    }

    private static Set<String> words(String text) {
        return text == null
                ? Set.of()
                : Arrays.stream(text.split(","))
                        .map(String::strip)
                        .filter(word -> !word.isEmpty())
                        .collect(Collectors.toUnmodifiableSet());
    }

    /** A Deployment owns pods through a ReplicaSet, whose name is the Deployment's and the hash that is a label of the pod. */
    private static Optional<String> owner(Pod pod, Map<String, String> labels) {
        List<OwnerReference> owners =
                Optional.ofNullable(pod.getMetadata().getOwnerReferences()).orElse(List.of());
        return owners.stream()
                .filter(owner -> Boolean.TRUE.equals(owner.getController()))
                .findFirst()
                .flatMap(owner -> switch (owner.getKind()) {
                    case "ReplicaSet" ->
                        Optional.ofNullable(labels.get(TEMPLATE_HASH))
                                .map(hash -> "-" + hash)
                                .filter(owner.getName()::endsWith)
                                .map(suffix -> "deployment/"
                                        + owner.getName()
                                                .substring(0, owner.getName().length() - suffix.length()));
                    case "StatefulSet" -> Optional.of("statefulset/" + owner.getName());
                    case "DaemonSet" -> Optional.of("daemonset/" + owner.getName());
                    default -> Optional.empty();
                });
    }
}
