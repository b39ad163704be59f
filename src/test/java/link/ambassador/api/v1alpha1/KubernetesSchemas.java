package link.ambassador.api.v1alpha1;

/**
 * What Kubernetes' own API says about types of it that an Ambassador embeds. The generator knows their fields and nothing
 * more, and what gets past our schema would be refused later, where nobody looks: when the operator applies a Deployment.
 */
final class KubernetesSchemas {
    private static final String LABEL_KEY =
            "^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$";
    private static final String LABEL_KEY_MESSAGE =
            "a label's key must be at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends, and"
                    + " may have a DNS name and '/' in front: for example app or app.kubernetes.io/name";
    private static final String LABEL_VALUE = "^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$";
    private static final String LABEL_VALUE_MESSAGE =
            "a label's value must be letters, digits, '-', '_' and '.', with a letter or digit at both ends: for example web";

    private KubernetesSchemas() {}

    static void selector(Schema selector) {
        selector.atomicMap();
        selector.at("matchLabels")
                .describe("Labels that a pod must have, all of them: {app: web}.")
                .max("maxProperties", 16)
                .rule("self.all(key, key.matches('" + LABEL_KEY + "'))", LABEL_KEY_MESSAGE);
        selector.at("matchLabels{}")
                .max("maxLength", 63)
                .rule("self.matches('" + LABEL_VALUE + "')", LABEL_VALUE_MESSAGE);

        selector.at("matchExpressions")
                .describe("Conditions on the labels of a pod, all of which must hold.")
                .max("maxItems", 16)
                .atomicList();
        selector.at("matchExpressions[]")
                .require("key", "operator")
                .rule(
                        "(self.operator in ['In', 'NotIn']) == (has(self.values) && size(self.values) > 0)",
                        "In and NotIn need values, Exists and DoesNotExist have none");
        selector.at("matchExpressions[].key")
                .describe("The key of a label.")
                .max("maxLength", 317)
                .rule("self.matches('" + LABEL_KEY + "')", LABEL_KEY_MESSAGE);
        selector.at("matchExpressions[].operator")
                .describe("In and NotIn compare with values, NotIn also holds without the label.")
                .oneOf("In", "NotIn", "Exists", "DoesNotExist");
        selector.at("matchExpressions[].values")
                .describe("What In and NotIn compare with.")
                .max("maxItems", 64)
                .atomicList();
        selector.at("matchExpressions[].values[]")
                .max("maxLength", 63)
                .rule("self.matches('" + LABEL_VALUE + "')", LABEL_VALUE_MESSAGE);
    }

    /** The API server reckons with {@code 1e1000000} for seconds. */
    private static final String LONG_EXPONENT = "string(%s).matches('[eE][+-]?[0-9]{3}')";

    static void resources(Schema resources) {
        // A claim names one of the pod, and the operator's pods have none.
        resources.remove("claims");
        quantities(resources, "requests", "What is set aside for each relay: {cpu: 50m, memory: 64Mi}.");
        quantities(resources, "limits", "The most that each relay may use: {memory: 64Mi}.");
        resources.rule(
                "!has(self.requests) || !has(self.limits) || self.requests.all(name, !(name in self.limits)"
                        + " || " + LONG_EXPONENT.formatted("self.requests[name]") + " || "
                        + LONG_EXPONENT.formatted("self.limits[name]")
                        + " || !isQuantity(string(self.requests[name])) || !isQuantity(string(self.limits[name]))"
                        + " || quantity(string(self.requests[name])).compareTo(quantity(string(self.limits[name]))) <= 0)",
                "a request must not be more than its limit: raise the limit or lower the request");
    }

    private static void quantities(Schema resources, String field, String description) {
        resources
                .at(field)
                .describe(description)
                .max("maxProperties", 16)
                .rule(
                        "self.all(name, name in ['cpu', 'memory', 'ephemeral-storage'])",
                        "must name cpu, memory or ephemeral-storage: a relay needs nothing else");
        resources
                .at(field + "{}")
                .max("maxLength", 32)
                .rule(
                        "!" + LONG_EXPONENT.formatted("self")
                                + " && isQuantity(string(self)) && !quantity(string(self)).isLessThan(quantity('0'))",
                        "must be a quantity such as 50m, 1 or 64Mi, 0 or more");
    }

    static void condition(Schema condition) {
        condition.require("type", "status", "lastTransitionTime", "reason", "message");
        condition.at("type").describe("What it is about: Accepted, Ready, Converged, TargetReachable or Held.");
        condition.at("status").describe("True, False or Unknown.");
        condition.at("reason").describe("Why, in one word for programs.");
        condition.at("message").describe("Why, for people.");
        condition
                .at("observedGeneration")
                .describe("The generation that it is about.")
                .format("int64");
        condition
                .at("lastTransitionTime")
                .describe("When its status changed last.")
                .format("date-time");
    }
}
