package link.ambassador.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import link.ambassador.model.NamespaceConstraints;
import link.ambassador.model.QuantitySyntax;
import link.ambassador.model.QuotaDemand;

/**
 * Warns about quotas that allow a pod and not its relay. It only warns: the state of a quota is a moment old, and a pod that was created
 * without a relay because of it would have none for all its life.
 */
final class UsedUpQuotas {
    private record Counted(String kind, String resource) {}

    private static final Map<String, Counted> COUNTED = Map.of(
            "cpu", new Counted("requests", "cpu"),
            "requests.cpu", new Counted("requests", "cpu"),
            "limits.cpu", new Counted("limits", "cpu"),
            "memory", new Counted("requests", "memory"),
            "requests.memory", new Counted("requests", "memory"),
            "limits.memory", new Counted("limits", "memory"));

    private UsedUpQuotas() {}

    /** @param relay with its resources, in its place in {@code spec} */
    static void warn(NamespaceConstraints demands, JsonNode spec, JsonNode relay, List<String> warnings) {
        for (QuotaDemand quota : demands.quotas()) {
            if (quota.concerns(spec, false)) {
                new TreeMap<>(quota.left()).forEach((name, left) -> isTooMuch(name, left, spec, relay)
                        .ifPresent(asked -> warnings.add("The ResourceQuota " + quota.name() + " has no room in " + name
                                + " for the pod's relay (" + asked + ").")));
            }
        }
    }

    private static Optional<String> isTooMuch(String name, BigDecimal left, JsonNode spec, JsonNode relay) {
        Counted counted = COUNTED.get(name);
        if (counted == null) {
            return Optional.empty();
        }
        String asked = relay.path("resources")
                .path(counted.kind())
                .path(counted.resource())
                .asText();
        PodLoad load = PodLoad.of(spec, counted.kind(), counted.resource());
        return QuantitySyntax.amount(asked)
                .filter(amount -> load.with(BigDecimal.ZERO).compareTo(left) <= 0)
                .filter(amount -> load.with(amount).compareTo(left) > 0)
                .map(amount -> asked);
    }
}
