package link.ambassador.model;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whether a selector matches the labels of a pod, as in Kubernetes, except that the empty selector matches nothing: a value that a
 * template left out must not redirect a whole namespace.
 *
 * @see <a href="https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/">Labels and Selectors</a>
 */
public record PodSelector(Map<String, String> labels, List<LabelSelectorRequirement> expressions) {
    public PodSelector {
        labels = Map.copyOf(labels);
        expressions = List.copyOf(expressions);
    }

    /** From a resource's selector; null is the empty selector. */
    public static PodSelector of(LabelSelector selector) {
        return selector == null
                ? new PodSelector(Map.of(), List.of())
                : new PodSelector(
                        Optional.ofNullable(selector.getMatchLabels()).orElse(Map.of()),
                        Optional.ofNullable(selector.getMatchExpressions()).orElse(List.of()));
    }

    public boolean matches(Map<String, String> podLabels) {
        return !(labels.isEmpty() && expressions.isEmpty())
                && podLabels.entrySet().containsAll(labels.entrySet())
                && expressions.stream().allMatch(expression -> holds(expression, podLabels));
    }

    /** An unknown operator, which a newer API server may accept, matches no pod. */
    private static boolean holds(LabelSelectorRequirement expression, Map<String, String> podLabels) {
        String value = podLabels.get(expression.getKey());
        List<String> values = Optional.ofNullable(expression.getValues()).orElse(List.of());
        return switch (String.valueOf(expression.getOperator())) {
            case "In" -> value != null && values.contains(value);
            case "NotIn" -> value == null || !values.contains(value);
            case "Exists" -> value != null;
            case "DoesNotExist" -> value == null;
            default -> false;
        };
    }
}
