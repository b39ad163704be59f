package link.ambassador.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.List;
import link.ambassador.model.QuantitySyntax;

/**
 * The quality of service of a pod without its relay.
 *
 * @see <a href="https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/">Pod Quality of Service Classes</a>
 */
enum QosClass {
    BEST_EFFORT,
    BURSTABLE,
    GUARANTEED;

    private static final List<String> KINDS = List.of("containers", "initContainers");
    private static final List<String> RESOURCES = List.of("cpu", "memory");

    /** Of a pod's spec, to which the API server has added the defaults of a LimitRange. */
    static QosClass of(JsonNode spec) {
        if (isSaid(spec.path("resources"))) {
            return isEqual(spec.path("resources")) ? GUARANTEED : BURSTABLE;
        }
        boolean said = false;
        boolean guaranteed = true;
        for (String kind : KINDS) {
            for (JsonNode container : spec.path(kind)) {
                if (!PodJson.isRelay(container)) {
                    said |= isSaid(container.path("resources"));
                    guaranteed &= isEqual(container.path("resources"));
                }
            }
        }
        return !said ? BEST_EFFORT : guaranteed ? GUARANTEED : BURSTABLE;
    }

    private static boolean isSaid(JsonNode resources) {
        return RESOURCES.stream()
                .anyMatch(resource -> !isZero(resources.path("requests").path(resource))
                        || !isZero(resources.path("limits").path(resource)));
    }

    private static boolean isEqual(JsonNode resources) {
        return RESOURCES.stream().allMatch(resource -> {
            JsonNode limit = resources.path("limits").path(resource);
            JsonNode request = resources.path("requests").path(resource);
            return !isZero(limit) && (request.isMissingNode() || amount(request).compareTo(amount(limit)) == 0);
        });
    }

    private static boolean isZero(JsonNode quantity) {
        return amount(quantity).signum() == 0;
    }

    private static BigDecimal amount(JsonNode quantity) {
        return QuantitySyntax.amount(quantity.asText()).orElse(BigDecimal.ZERO);
    }
}
