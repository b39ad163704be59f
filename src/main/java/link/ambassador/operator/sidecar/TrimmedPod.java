package link.ambassador.operator.sidecar;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import link.ambassador.config.Annotations;
import link.ambassador.config.Labels;
import link.ambassador.config.RelayEnvironment;
import link.ambassador.model.PodTable;
import link.ambassador.model.PodTraits;

/**
 * A pod with nothing in it but what {@link ConsumerPod} reads, and what a gateway's reconcile reads of its pods: a twentieth of the
 * memory.
 */
final class TrimmedPod {
    /** The annotations that are read; a pod's author may write others of any size. */
    private static final Set<String> ANNOTATIONS = Set.of(
            Annotations.LINKS,
            Annotations.INJECTED,
            Annotations.INJECTION_REASON,
            Annotations.RELAY_FEATURES,
            Annotations.CREDENTIALS,
            PodTraits.MIRROR);

    /** The operator and the webhook write no longer annotation: see {@link PodTable#MOST_BYTES}. */
    private static final int LONGEST_ANNOTATION = 2 * PodTable.MOST_BYTES;

    private TrimmedPod() {}

    static Pod of(Pod pod) {
        PodStatus status = pod.getStatus() == null ? new PodStatus() : pod.getStatus();
        PodSpec spec = pod.getSpec() == null ? new PodSpec() : pod.getSpec();
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName())
                .withUid(pod.getMetadata().getUid())
                .withResourceVersion(pod.getMetadata().getResourceVersion())
                .withLabels(pod.getMetadata().getLabels())
                .withAnnotations(annotations(pod))
                .withDeletionTimestamp(pod.getMetadata().getDeletionTimestamp())
                .withOwnerReferences(pod.getMetadata().getOwnerReferences())
                .endMetadata()
                .withNewSpec()
                .withHostNetwork(spec.getHostNetwork())
                .withOs(spec.getOs())
                .withNodeSelector(spec.getNodeSelector())
                .withNewSecurityContext()
                .withSysctls(ConsumerPod.portStart(spec))
                .endSecurityContext()
                .withInitContainers(ConsumerPod.relayContainer(spec).stream()
                        .map(TrimmedPod::withAliasesOnly)
                        .toList())
                .endSpec()
                .withNewStatus()
                .withPhase(status.getPhase())
                .withPodIP(status.getPodIP())
                .withConditions(conditions(pod, status))
                .withInitContainerStatuses(status.getInitContainerStatuses().stream()
                        .filter(container -> RelayEnvironment.SIDECAR_CONTAINER.equals(container.getName()))
                        .map(TrimmedPod::startedOnly)
                        .toList())
                .endStatus()
                .build();
    }

    private static Map<String, String> annotations(Pod pod) {
        Map<String, String> annotations =
                Optional.ofNullable(pod.getMetadata().getAnnotations()).orElse(Map.of());
        return ANNOTATIONS.stream()
                .filter(annotations::containsKey)
                .collect(Collectors.toMap(Function.identity(), key -> readable(annotations.get(key))));
    }

    /** A longer one is not the operator's own. Empty text cannot be read as a table, so the operator writes it again. */
    private static String readable(String annotation) {
        return annotation.length() <= LONGEST_ANNOTATION ? annotation : "";
    }

    /** Of a gateway's pod whether it is ready. A consumer's pod is judged by its sidecar alone. */
    private static List<PodCondition> conditions(Pod pod, PodStatus status) {
        boolean ofGateway = pod.getMetadata().getLabels() != null
                && pod.getMetadata().getLabels().containsKey(Labels.GATEWAY);
        return ofGateway
                ? status.getConditions().stream()
                        .filter(condition -> "Ready".equals(condition.getType()))
                        .toList()
                : List.of();
    }

    private static Container withAliasesOnly(Container container) {
        Container trimmed = new Container();
        trimmed.setName(container.getName());
        trimmed.setEnv(container.getEnv().stream()
                .filter(variable -> RelayEnvironment.ALIASES.equals(variable.getName()))
                .toList());
        return trimmed;
    }

    private static ContainerStatus startedOnly(ContainerStatus status) {
        ContainerStatus trimmed = new ContainerStatus();
        trimmed.setName(status.getName());
        trimmed.setStarted(status.getStarted());
        return trimmed;
    }
}
