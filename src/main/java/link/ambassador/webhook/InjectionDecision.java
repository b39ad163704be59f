package link.ambassador.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import link.ambassador.link.Labels;
import link.ambassador.link.RelayEnvironment;
import link.ambassador.link.Shown;
import link.ambassador.tables.SidecarAmbassador;

/**
 * Whether a pod is to have a relay. What stands in the way is only said of pods that were to have one.
 *
 * @param warnings for whoever creates the pod
 */
record InjectionDecision(InjectionReason reason, List<String> warnings) {
    private static final String SYSTEM_NAMESPACE = "kube-system";

    /** https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-config-mirror */
    private static final String MIRROR = "kubernetes.io/config.mirror";

    private static final Set<String> ASKING = Set.of("true", "required");
    private static final String OS = "kubernetes.io/os";

    static InjectionDecision of(PodDocument pod, String namespace, Collection<SidecarAmbassador> inItsNamespace) {
        List<String> warnings = new ArrayList<>();
        InjectionReason wish = wish(pod.labels(), inItsNamespace, warnings);
        InjectionReason reason = wish.injects() ? unlessObstructed(wish, pod, namespace) : wish;
        if (reason != wish) {
            warnings.add("No Ambassador relay was injected: " + reason.sentence());
        }
        return new InjectionDecision(reason, List.copyOf(warnings));
    }

    private static InjectionReason wish(
            Map<String, String> labels, Collection<SidecarAmbassador> inItsNamespace, List<String> warnings) {
        String asked = labels.getOrDefault(Labels.INJECT, "");
        if (asked.equals("false")) {
            return InjectionReason.OPTED_OUT;
        }
        if (!asked.isEmpty() && !ASKING.contains(asked)) {
            warnings.add("The label " + Labels.INJECT + " is '" + Shown.text(asked)
                    + "', which asks for nothing: it must be true, required or false.");
        }
        if (inItsNamespace.stream().anyMatch(ambassador -> ambassador.selects(labels))) {
            return InjectionReason.SELECTED;
        }
        return ASKING.contains(asked) ? InjectionReason.ASKED_BY_LABEL : InjectionReason.NOT_SELECTED;
    }

    private static InjectionReason unlessObstructed(InjectionReason wish, PodDocument pod, String namespace) {
        if (namespace.equals(SYSTEM_NAMESPACE)) {
            return InjectionReason.SYSTEM_NAMESPACE;
        }
        if (pod.annotation(MIRROR).isPresent()) {
            return InjectionReason.MIRROR_POD;
        }
        if (pod.labels().containsKey(Labels.GATEWAY)) {
            return InjectionReason.GATEWAY;
        }
        if (isForWindows(pod.spec())) {
            return InjectionReason.WINDOWS;
        }
        if (pod.spec().path("hostNetwork").asBoolean()) {
            return InjectionReason.HOST_NETWORK;
        }
        return nameIsTaken(pod.spec()) || RelayVolumes.areTaken(pod.spec()) ? InjectionReason.NAME_TAKEN : wish;
    }

    private static boolean isForWindows(JsonNode spec) {
        return spec.path("os").path("name").asText().equals("windows")
                || spec.path("nodeSelector").path(OS).asText().equals("windows");
    }

    private static boolean nameIsTaken(JsonNode spec) {
        for (JsonNode container : spec.path("containers")) {
            if (PodDocument.name(container).equals(RelayEnvironment.SIDECAR_CONTAINER)) {
                return true;
            }
        }
        for (JsonNode container : spec.path("initContainers")) {
            if (PodDocument.name(container).equals(RelayEnvironment.SIDECAR_CONTAINER)
                    && !PodDocument.isRelay(container)) {
                return true;
            }
        }
        return false;
    }
}
