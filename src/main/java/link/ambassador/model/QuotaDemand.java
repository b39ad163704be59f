package link.ambassador.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ScopedResourceSelectorRequirement;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A ResourceQuota, with what matters to the resources of a pod.
 *
 * @param hard the names of the resources that it counts
 * @param left how much of them was left according to its latest status; without resources that the status does not have
 * @param scopes a pod is counted when all of them match
 * @see <a href="https://kubernetes.io/docs/concepts/policy/resource-quotas/#quota-scopes">Quota scopes</a>
 */
public record QuotaDemand(
        String name, Set<String> hard, Map<String, BigDecimal> left, List<ScopedResourceSelectorRequirement> scopes) {
    public QuotaDemand {
        hard = Set.copyOf(hard);
        left = Map.copyOf(left);
        scopes = List.copyOf(scopes);
    }

    static QuotaDemand of(ResourceQuota quota) {
        Set<String> hard = new HashSet<>();
        List<ScopedResourceSelectorRequirement> scopes = new ArrayList<>();
        if (quota.getSpec() != null) {
            Optional.ofNullable(quota.getSpec().getHard()).ifPresent(counted -> hard.addAll(counted.keySet()));
            Optional.ofNullable(quota.getSpec().getScopes())
                    .ifPresent(names -> names.forEach(
                            name -> scopes.add(new ScopedResourceSelectorRequirement("Exists", name, List.of()))));
            Optional.ofNullable(quota.getSpec().getScopeSelector())
                    .map(selector -> selector.getMatchExpressions())
                    .ifPresent(scopes::addAll);
        }
        Map<String, BigDecimal> left = new HashMap<>();
        if (quota.getStatus() != null
                && quota.getStatus().getHard() != null
                && quota.getStatus().getUsed() != null) {
            quota.getStatus().getHard().forEach((resource, most) -> Optional.ofNullable(
                            quota.getStatus().getUsed().get(resource))
                    .flatMap(QuantitySyntax::amount)
                    .ifPresent(used -> QuantitySyntax.amount(most)
                            .ifPresent(amount -> left.put(resource, amount.subtract(used)))));
        }
        return new QuotaDemand(quota.getMetadata().getName(), hard, left, scopes);
    }

    /**
     * Whether it counts a pod with this spec.
     *
     * @param bestEffort whether the pod has neither requests nor limits
     */
    public boolean concerns(JsonNode spec, boolean bestEffort) {
        return scopes.stream().allMatch(scope -> holds(scope, spec, bestEffort));
    }

    /** An unknown scope may match. */
    private static boolean holds(ScopedResourceSelectorRequirement scope, JsonNode spec, boolean bestEffort) {
        return switch (String.valueOf(scope.getScopeName())) {
            case "BestEffort" -> bestEffort;
            case "NotBestEffort" -> !bestEffort;
            case "Terminating" -> spec.path("activeDeadlineSeconds").isNumber();
            case "NotTerminating" -> !spec.path("activeDeadlineSeconds").isNumber();
            case "PriorityClass" -> isOf(scope, spec.path("priorityClassName").asText());
            default -> true;
        };
    }

    private static boolean isOf(ScopedResourceSelectorRequirement scope, String priorityClass) {
        List<String> values = Optional.ofNullable(scope.getValues()).orElse(List.of());
        return switch (String.valueOf(scope.getOperator())) {
            case "In" -> values.contains(priorityClass);
            case "NotIn" -> !values.contains(priorityClass);
            case "Exists" -> !priorityClass.isEmpty();
            case "DoesNotExist" -> priorityClass.isEmpty();
            default -> true;
        };
    }
}
