package link.ambassador.operator.sidecar;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.Sysctl;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import link.ambassador.config.Annotations;
import link.ambassador.config.LinkTable;
import link.ambassador.config.LinkTableReader;
import link.ambassador.config.ParseResult;
import link.ambassador.config.RelayEnvironment;
import link.ambassador.model.InjectionReason;
import link.ambassador.model.PodTable;
import link.ambassador.model.PodTraits;
import link.ambassador.model.RelayPodDefaults;
import link.ambassador.operator.delivery.RelayPod;

/**
 * Somebody's pod, as far as sidecars care.
 *
 * @param relay its sidecar as deliveries see it: running and ready once the sidecar has started, whatever the app does
 * @param injected whether it has a sidecar
 * @param obstacle why the webhook gives it none, or would give it none, although it is selected; empty when it would
 * @param names those that its hosts file gives to its relay
 * @param portStart whether it has the sysctl that says from which port on its relay may listen, whatever its value
 * @param ended whether its containers are over and none will start again
 * @param links the annotation with its table, as it is; empty when there is none
 * @param bornWith the links, as {@code alias:port}, whose names and variables it has
 * @param owner who would create it anew, as kubectl names it, {@code deployment/web}; empty when nobody would
 */
public record ConsumerPod(
        RelayPod relay,
        Map<String, String> labels,
        boolean injected,
        Optional<InjectionReason> obstacle,
        Set<String> names,
        boolean portStart,
        boolean ended,
        Optional<String> links,
        Set<String> bornWith,
        Optional<String> owner) {
    private static final Set<String> ENDED = Set.of("Succeeded", "Failed");
    private static final String TEMPLATE_HASH = "pod-template-hash";

    /** The annotations that are read; whoever writes the pod writes others as large as he likes. */
    private static final Set<String> READ =
            Set.of(Annotations.LINKS, Annotations.INJECTED, Annotations.INJECTION_REASON, PodTraits.MIRROR);

    /** No annotation of ours is larger: see {@link PodTable#MOST_BYTES}. */
    private static final int LONGEST_ANNOTATION = 2 * PodTable.MOST_BYTES;

    static ConsumerPod of(Pod pod) {
        Map<String, String> labels =
                Optional.ofNullable(pod.getMetadata().getLabels()).orElse(Map.of());
        Map<String, String> annotations =
                Optional.ofNullable(pod.getMetadata().getAnnotations()).orElse(Map.of());
        PodSpec spec = pod.getSpec() == null ? new PodSpec() : pod.getSpec();
        PodStatus status = pod.getStatus() == null ? new PodStatus() : pod.getStatus();
        Optional<Container> sidecar = sidecar(spec);
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
                sidecar.isPresent(),
                obstacle(traits(pod, spec, labels, annotations), annotations),
                sidecar.map(ConsumerPod::names).orElse(Set.of()),
                !portStart(spec).isEmpty(),
                ended,
                Optional.ofNullable(annotations.get(Annotations.LINKS)),
                words(annotations.get(Annotations.INJECTED)),
                owner(pod, labels));
    }

    /** The pod with nothing in it but what {@link #of} reads: a cache of these is a twentieth of one of pods. */
    static Pod reduced(Pod pod) {
        PodStatus status = pod.getStatus() == null ? new PodStatus() : pod.getStatus();
        PodSpec spec = pod.getSpec() == null ? new PodSpec() : pod.getSpec();
        Map<String, String> annotations =
                Optional.ofNullable(pod.getMetadata().getAnnotations()).orElse(Map.of());
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName())
                .withUid(pod.getMetadata().getUid())
                .withResourceVersion(pod.getMetadata().getResourceVersion())
                .withLabels(pod.getMetadata().getLabels())
                .withAnnotations(READ.stream()
                        .filter(annotations::containsKey)
                        .collect(Collectors.toMap(Function.identity(), key -> kept(annotations.get(key)))))
                .withDeletionTimestamp(pod.getMetadata().getDeletionTimestamp())
                .withOwnerReferences(pod.getMetadata().getOwnerReferences())
                .endMetadata()
                .withNewSpec()
                .withHostNetwork(spec.getHostNetwork())
                .withOs(spec.getOs())
                .withNodeSelector(spec.getNodeSelector())
                .withNewSecurityContext()
                .withSysctls(portStart(spec))
                .endSecurityContext()
                .withInitContainers(
                        sidecar(spec).stream().map(ConsumerPod::namesOnly).toList())
                .endSpec()
                .withNewStatus()
                .withPhase(status.getPhase())
                .withPodIP(status.getPodIP())
                .withInitContainerStatuses(status.getInitContainerStatuses().stream()
                        .filter(container -> RelayEnvironment.SIDECAR_CONTAINER.equals(container.getName()))
                        .map(ConsumerPod::startedOnly)
                        .toList())
                .endStatus()
                .build();
    }

    /** One that is larger than any of ours says nothing, and so is written anew. */
    private static String kept(String annotation) {
        return annotation.length() <= LONGEST_ANNOTATION ? annotation : "";
    }

    /** What it is to serve by its annotation; empty when there is none, or none that can be read. */
    public Optional<LinkTable> table() {
        return links.map(text -> LinkTableReader.read(text.getBytes(StandardCharsets.UTF_8)))
                .filter(ParseResult.Accepted.class::isInstance)
                .map(reading -> ((ParseResult.Accepted) reading).table());
    }

    /** Whether it has no sidecar although nothing of its own stands in the way. */
    boolean lacksRelay() {
        return !injected && obstacle.isEmpty();
    }

    /** The same with what its namespace says, if that is what it has no sidecar for. */
    ConsumerPod inDisabledNamespace() {
        return lacksRelay()
                ? new ConsumerPod(
                        relay,
                        labels,
                        injected,
                        Optional.of(InjectionReason.NAMESPACE_DISABLED),
                        names,
                        portStart,
                        ended,
                        links,
                        bornWith,
                        owner)
                : this;
    }

    /** Whether it has a sidecar that serves, or will: neither over nor on its way out. */
    boolean serves() {
        return injected && !ended && !relay.terminating();
    }

    private static Optional<Container> sidecar(PodSpec spec) {
        return spec.getInitContainers().stream()
                .filter(container -> RelayEnvironment.SIDECAR_CONTAINER.equals(container.getName()))
                .findFirst();
    }

    private static List<Sysctl> portStart(PodSpec spec) {
        return spec.getSecurityContext() == null
                ? List.of()
                : spec.getSecurityContext().getSysctls().stream()
                        .filter(sysctl -> RelayPodDefaults.UNPRIVILEGED_PORT_START.equals(
                                String.valueOf(sysctl.getName()).replace('/', '.')))
                        .toList();
    }

    private static Container namesOnly(Container container) {
        Container reduced = new Container();
        reduced.setName(container.getName());
        reduced.setEnv(container.getEnv().stream()
                .filter(variable -> RelayEnvironment.ALIASES.equals(variable.getName()))
                .toList());
        return reduced;
    }

    private static Set<String> names(Container sidecar) {
        return sidecar.getEnv().stream()
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

    /** What only the webhook saw, because the cache has neither all containers nor all annotations, it wrote down. */
    private static Optional<InjectionReason> obstacle(PodTraits traits, Map<String, String> annotations) {
        if (traits.isOptedOut()) {
            return Optional.of(InjectionReason.OPTED_OUT);
        }
        return traits.obstacle().or(() -> Optional.ofNullable(annotations.get(Annotations.INJECTION_REASON))
                .flatMap(InjectionReason::ofWord)
                .filter(reason -> !reason.injects()));
    }

    private static ContainerStatus startedOnly(ContainerStatus status) {
        ContainerStatus reduced = new ContainerStatus();
        reduced.setName(status.getName());
        reduced.setStarted(status.getStarted());
        return reduced;
    }

    private static Set<String> words(String text) {
        return text == null
                ? Set.of()
                : Arrays.stream(text.split(","))
                        .map(String::strip)
                        .filter(word -> !word.isEmpty())
                        .collect(Collectors.toUnmodifiableSet());
    }

    /** A Deployment's pods are a ReplicaSet's, whose name is the Deployment's and the hash that is a label of the pod. */
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
