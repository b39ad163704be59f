package link.ambassador.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.Optional;

/**
 * The difference between a pod and the same pod with its relay, as RFC 6902. It compares only what {@link InjectedPod} changes, so its
 * cost is proportional to the pod's size. A general difference costs the product of the lengths of two lists, and anyone who can create a
 * pod chooses those.
 */
final class PodPatch {
    private final ArrayNode operations = JsonNodeFactory.instance.arrayNode();

    private PodPatch() {}

    /** Empty when nothing differs. */
    static Optional<ArrayNode> between(JsonNode before, JsonNode after) {
        PodPatch patch = new PodPatch();
        patch.object("/metadata", before.path("metadata"), after.path("metadata"), "annotations");
        JsonNode spec = before.path("spec");
        JsonNode injected = after.path("spec");
        patch.list("/spec", spec, injected, "hostAliases");
        patch.list("/spec", spec, injected, "imagePullSecrets");
        patch.object("/spec", spec, injected, "securityContext");
        patch.containers(spec.path("containers"), injected.path("containers"));
        patch.initContainers(spec.get("initContainers"), injected.get("initContainers"));
        patch.list("/spec", spec, injected, "volumes");
        return patch.operations.isEmpty() ? Optional.empty() : Optional.of(patch.operations);
    }

    /** Member by member, for the members of {@code after}; no member is removed. */
    private void object(String path, JsonNode before, JsonNode after, String name) {
        JsonNode there = before.get(name);
        JsonNode wanted = after.get(name);
        if (wanted == null || wanted.equals(there)) {
            return;
        }
        if (there == null || !there.isObject()) {
            add(path + "/" + name, wanted);
            return;
        }
        wanted.properties().forEach(member -> {
            if (!member.getValue().equals(there.get(member.getKey()))) {
                add(path + "/" + name + "/" + escaped(member.getKey()), member.getValue());
            }
        });
    }

    /** New items at the end are added; any other difference replaces the list. */
    private void list(String path, JsonNode before, JsonNode after, String name) {
        JsonNode there = before.get(name);
        JsonNode wanted = after.get(name);
        if (wanted == null || wanted.equals(there)) {
            return;
        }
        if (there == null || !begins(wanted, there)) {
            add(path + "/" + name, wanted);
            return;
        }
        for (int i = there.size(); i < wanted.size(); i++) {
            add(path + "/" + name + "/-", wanted.get(i));
        }
    }

    private static boolean begins(JsonNode list, JsonNode beginning) {
        if (!beginning.isArray() || beginning.size() > list.size()) {
            return false;
        }
        for (int i = 0; i < beginning.size(); i++) {
            if (!list.get(i).equals(beginning.get(i))) {
                return false;
            }
        }
        return true;
    }

    private void containers(JsonNode before, JsonNode after) {
        for (int i = 0; i < before.size(); i++) {
            environment("/spec/containers/" + i, before.get(i), after.get(i));
        }
    }

    /** The others keep their order, so a new relay is one insertion. A relay that was there is rare; then the whole list is written. */
    private void initContainers(JsonNode before, JsonNode after) {
        int relay = relay(after);
        if (before == null || relay < 0 || relay(before) >= 0) {
            if (after != null && !after.equals(before)) {
                add("/spec/initContainers", after);
            }
            return;
        }
        for (int i = 0; i < before.size(); i++) {
            environment("/spec/initContainers/" + i, before.get(i), after.get(i < relay ? i : i + 1));
        }
        add("/spec/initContainers/" + relay, after.get(relay));
    }

    private static int relay(JsonNode containers) {
        for (int i = 0; containers != null && i < containers.size(); i++) {
            if (PodJson.isRelay(containers.get(i))) {
                return i;
            }
        }
        return -1;
    }

    private void environment(String path, JsonNode before, JsonNode after) {
        JsonNode variables = after.get("env");
        if (variables != null && !variables.equals(before.get("env"))) {
            add(path + "/env", variables);
        }
    }

    /** Replaces an existing value, except in a list, where it inserts one (RFC 6902, section 4.1). */
    private void add(String path, JsonNode value) {
        operations.addObject().put("op", "add").put("path", path).set("value", value);
    }

    /** RFC 6901, section 3. */
    private static String escaped(String member) {
        return member.replace("~", "~0").replace("/", "~1");
    }
}
