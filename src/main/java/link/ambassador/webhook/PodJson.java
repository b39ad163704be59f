package link.ambassador.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import link.ambassador.config.RelayEnvironment;
import link.ambassador.model.PodTraits;

/**
 * The parts of a pod's JSON that the webhook reads. It is a tree and not fabric8's model, so that fields of a newer Kubernetes survive.
 *
 * @param root the pod as the API server sent it; never changed here
 */
record PodJson(JsonNode root) {
    private static final String SERVICE_ACCOUNT_TOKEN = "kube-api-access-";

    /** A copy whose spec and annotations may be changed; it shares the rest with this pod. */
    ObjectNode copyToInject() {
        ObjectNode copy = ((ObjectNode) root).objectNode();
        copy.setAll((ObjectNode) root);
        if (root.path("spec").isObject()) {
            copy.set("spec", root.path("spec").deepCopy());
        }
        if (root.path("metadata") instanceof ObjectNode metadata) {
            ObjectNode ofCopy = copy.putObject("metadata");
            ofCopy.setAll(metadata);
            if (metadata.path("annotations").isObject()) {
                ofCopy.set("annotations", metadata.path("annotations").deepCopy());
            }
        }
        return copy;
    }

    Map<String, String> labels() {
        return texts(root.path("metadata").path("labels"));
    }

    Map<String, String> annotations() {
        return texts(root.path("metadata").path("annotations"));
    }

    /** @param namespace of the request, because a pod that is being created may not name it */
    PodTraits traits(String namespace) {
        JsonNode spec = spec();
        return new PodTraits(
                namespace,
                labels(),
                annotations().containsKey(PodTraits.MIRROR),
                PodTraits.isWindows(spec.path("os").path("name").textValue(), texts(spec.path("nodeSelector")))
                        || WindowsPod.is(spec),
                spec.path("hostNetwork").asBoolean());
    }

    JsonNode spec() {
        return root.path("spec");
    }

    /** Whether a controller created it, such as a ReplicaSet. */
    boolean isOwned() {
        return !root.path("metadata").path("ownerReferences").isEmpty();
    }

    /** The relay that an earlier invocation injected, or that a copied pod already has. */
    Optional<JsonNode> relay() {
        for (JsonNode container : spec().path("initContainers")) {
            if (isRelay(container)) {
                return Optional.of(container);
            }
        }
        return Optional.empty();
    }

    /** Whether an init container is an injected relay, of any version. */
    static boolean isRelay(JsonNode container) {
        return name(container).equals(RelayEnvironment.SIDECAR_CONTAINER)
                && container.path("restartPolicy").asText().equals("Always")
                && environment(container).containsKey(RelayEnvironment.LINKS_FILE);
    }

    /** The variables of a container by name; the value is null when it is not given as text. */
    static Map<String, String> environment(JsonNode container) {
        Map<String, String> variables = new HashMap<>();
        for (JsonNode variable : container.path("env")) {
            variables.put(name(variable), variable.path("value").textValue());
        }
        return variables;
    }

    static String name(JsonNode named) {
        return named.path("name").asText();
    }

    /** Whether a volume mount was added by the API server's ServiceAccount admission, for its token. */
    static boolean isServiceAccountToken(JsonNode volumeMount) {
        return name(volumeMount).startsWith(SERVICE_ACCOUNT_TOKEN);
    }

    private static Map<String, String> texts(JsonNode object) {
        Map<String, String> texts = new LinkedHashMap<>();
        object.properties()
                .forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
        return texts;
    }
}
