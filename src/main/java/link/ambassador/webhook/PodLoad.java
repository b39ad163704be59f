package link.ambassador.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import link.ambassador.model.QuantitySyntax;

/**
 * How much of one resource a pod asks for without its relay, as Kubernetes adds it up
 * (https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers).
 *
 * @param beside the most that it asks for while the relay runs
 * @param before the most that its init containers before the relay ask for
 */
record PodLoad(BigDecimal beside, BigDecimal before) {
    /**
     * The load of a spec in which the relay is in its place.
     *
     * @param kind requests or limits
     */
    static PodLoad of(JsonNode spec, String kind, String resource) {
        BigDecimal sidecars = BigDecimal.ZERO;
        BigDecimal beside = BigDecimal.ZERO;
        BigDecimal before = BigDecimal.ZERO;
        boolean started = false;
        for (JsonNode container : spec.path("initContainers")) {
            if (PodJson.isRelay(container)) {
                started = true;
                continue;
            }
            BigDecimal peak = sidecars.add(amount(container, kind, resource));
            if (container.path("restartPolicy").asText().equals("Always")) {
                sidecars = peak;
            }
            if (started) {
                beside = beside.max(peak);
            } else {
                before = before.max(peak);
            }
        }
        BigDecimal running = sidecars;
        for (JsonNode container : spec.path("containers")) {
            running = running.add(amount(container, kind, resource));
        }
        return new PodLoad(beside.max(running), before);
    }

    /** The load with a relay that asks for {@code relay}. */
    BigDecimal with(BigDecimal relay) {
        return beside.add(relay).max(before);
    }

    private static BigDecimal amount(JsonNode container, String kind, String resource) {
        return QuantitySyntax.amount(
                        container.path("resources").path(kind).path(resource).asText())
                .orElse(BigDecimal.ZERO);
    }
}
