package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** The schema of one field of a custom resource definition, to be completed in place. */
record Schema(ObjectNode node) {
    private static final String RULES = "x-kubernetes-validations";

    /** The schema of a field below; {@code []} are the items of a list, {@code {}} the values of a map. */
    Schema at(String path) {
        JsonNode schema = node;
        for (String field : path.replace("[]", ".[]").replace("{}", ".{}").split("\\.", -1)) {
            schema = switch (field) {
                case "[]" -> schema.path("items");
                case "{}" -> schema.path("additionalProperties");
                default -> schema.path("properties").path(field);
            };
        }
        if (schema instanceof ObjectNode found) {
            return new Schema(found);
        }
        throw new IllegalArgumentException("There is no field " + path);
    }

    Schema describe(String description) {
        node.put("description", description);
        return this;
    }

    /** {@code maxLength} of a text, {@code maxItems} of a list, {@code maxProperties} of a map: rules cost by it. */
    Schema max(String keyword, int most) {
        node.put(keyword, most);
        return this;
    }

    /** The least and the most of a number. */
    Schema range(int least, int most) {
        node.put("minimum", least).put("maximum", most);
        return this;
    }

    /** Items are known by these fields, so that appliers merge them and the API server refuses two of one key. */
    Schema listMap(String... keys) {
        node.put("x-kubernetes-list-type", "map");
        return texts("x-kubernetes-list-map-keys", keys);
    }

    /** Appliers merge the items, and the API server refuses two of one value. */
    Schema set() {
        node.put("x-kubernetes-list-type", "set");
        return this;
    }

    /** Appliers replace the list as a whole: its order is a meaning. */
    Schema atomicList() {
        node.put("x-kubernetes-list-type", "atomic");
        return this;
    }

    /** Appliers replace the object as a whole. */
    Schema atomicMap() {
        node.put("x-kubernetes-map-type", "atomic");
        return this;
    }

    Schema oneOf(String... words) {
        return texts("enum", words);
    }

    Schema require(String... fields) {
        return texts("required", fields);
    }

    Schema format(String format) {
        node.put("format", format);
        return this;
    }

    Schema rule(String rule, String message) {
        node.withArray(RULES).addObject().put("message", message).put("rule", rule);
        return this;
    }

    void remove(String field) {
        ((ObjectNode) node.path("properties")).remove(field);
    }

    /** Whole numbers without a fraction, and each rule once: the generator finds a record's field and its accessor. */
    static void tidy(JsonNode node) {
        if (node instanceof ObjectNode object) {
            for (Map.Entry<String, JsonNode> field : object.properties()) {
                if (field.getValue().isDouble()) {
                    field.setValue(LongNode.valueOf(field.getValue().longValue()));
                }
            }
            if (object.get(RULES) instanceof ArrayNode rules) {
                Set<JsonNode> once = new LinkedHashSet<>();
                rules.forEach(once::add);
                rules.removeAll().addAll(once);
            }
        }
        node.forEach(Schema::tidy);
    }

    private Schema texts(String keyword, String... texts) {
        ArrayNode array = node.putArray(keyword);
        for (String text : texts) {
            array.add(text);
        }
        return this;
    }
}
