package link.ambassador.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import link.ambassador.model.PodTraits;

/**
 * Whether a pod is for Windows although it does not name its operating system: because of the nodes that it may run on, or of options
 * that only Windows has.
 */
final class WindowsPod {
    private static final List<String> KINDS = List.of("containers", "initContainers");

    private WindowsPod() {}

    static boolean is(JsonNode spec) {
        return hasOptions(spec.path("securityContext")) || containersHaveOptions(spec) || isForWindowsNodes(spec);
    }

    private static boolean containersHaveOptions(JsonNode spec) {
        for (String kind : KINDS) {
            for (JsonNode container : spec.path(kind)) {
                if (hasOptions(container.path("securityContext"))) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean hasOptions(JsonNode securityContext) {
        return !securityContext.path("windowsOptions").isEmpty();
    }

    /** One matching term is enough, so every term must demand Windows (https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/). */
    private static boolean isForWindowsNodes(JsonNode spec) {
        JsonNode terms = spec.path("affinity")
                .path("nodeAffinity")
                .path("requiredDuringSchedulingIgnoredDuringExecution")
                .path("nodeSelectorTerms");
        for (JsonNode term : terms) {
            if (!wantsWindows(term)) {
                return false;
            }
        }
        return !terms.isEmpty();
    }

    private static boolean wantsWindows(JsonNode term) {
        for (JsonNode expression : term.path("matchExpressions")) {
            JsonNode values = expression.path("values");
            if (PodTraits.NODE_OS.contains(expression.path("key").asText())
                    && expression.path("operator").asText().equals("In")
                    && values.size() == 1
                    && values.path(0).asText().equals(PodTraits.WINDOWS)) {
                return true;
            }
        }
        return false;
    }
}
