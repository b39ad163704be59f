package link.ambassador.webhook.serving;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import link.ambassador.link.Labels;

/**
 * What the API server asks when a pod is created, as an {@code AdmissionReview} of {@code admission.k8s.io/v1}; and the answer,
 * which always allows it.
 *
 * @param uid goes back with the answer
 * @param namespace of the pod, which itself need not name it
 * @param pod as it was sent, so that fields that nobody here knows survive
 * @see <a href="https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/">Dynamic Admission
 *     Control</a>
 */
record PodReview(String uid, String namespace, JsonNode pod) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String API_VERSION = "admission.k8s.io/v1";
    private static final String KIND = "AdmissionReview";

    static PodReview read(byte[] body) throws BadReview {
        JsonNode review;
        try {
            review = JSON.readTree(body);
        } catch (IOException e) {
            throw new BadReview("not JSON: " + e.getMessage(), e);
        }
        JsonNode request = review.path("request");
        if (!API_VERSION.equals(review.path("apiVersion").asText())
                || !KIND.equals(review.path("kind").asText())
                || !request.path("uid").isTextual()) {
            throw new BadReview("not an " + KIND + " of " + API_VERSION + " with a request");
        }
        JsonNode pod = request.path("object");
        if (!pod.isObject() || !"Pod".equals(request.path("kind").path("kind").asText())) {
            throw new BadReview("a review of something that is no Pod");
        }
        return new PodReview(
                request.path("uid").asText(), request.path("namespace").asText(), pod);
    }

    Map<String, String> labels() {
        Map<String, String> labels = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> label :
                pod.path("metadata").path("labels").properties()) {
            labels.put(label.getKey(), label.getValue().asText());
        }
        return Collections.unmodifiableMap(labels);
    }

    /** Whether its author wants no pod rather than one without a relay. */
    boolean isRequired() {
        return "required"
                .equals(pod.path("metadata").path("labels").path(Labels.INJECT).asText());
    }

    /** For a log: the name is often made after admission, from its beginning. */
    String shown() {
        JsonNode metadata = pod.path("metadata");
        String name = metadata.path("name").asText();
        return namespace + "/" + (name.isEmpty() ? metadata.path("generateName").asText() + "…" : name);
    }

    byte[] unchanged() {
        return allowed(Optional.empty(), List.of());
    }

    /** @param patch RFC 6902 */
    byte[] allowed(Optional<ArrayNode> patch, List<String> warnings) {
        ObjectNode answer =
                JSON.createObjectNode().put("apiVersion", API_VERSION).put("kind", KIND);
        ObjectNode response = answer.putObject("response").put("uid", uid).put("allowed", true);
        try {
            if (patch.isPresent()) {
                response.put("patchType", "JSONPatch").put("patch", JSON.writeValueAsBytes(patch.get()));
            }
            if (!warnings.isEmpty()) {
                ArrayNode all = response.putArray("warnings");
                warnings.forEach(warning -> all.add(Warning.cut(warning)));
            }
            return JSON.writeValueAsBytes(answer);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of JSON can be written", e);
        }
    }
}
