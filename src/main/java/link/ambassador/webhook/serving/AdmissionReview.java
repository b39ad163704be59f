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
import java.util.regex.Pattern;
import link.ambassador.config.Labels;
import link.ambassador.config.Printable;

/**
 * A request of the API server about a pod that is being created, an {@code AdmissionReview} of {@code admission.k8s.io/v1}; and its
 * answer, which always allows the pod.
 *
 * @param uid is sent back in the answer
 * @param namespace of the pod; the pod itself may not name it
 * @param pod as it was sent, so that unknown fields survive; as much of it as {@code view} has
 * @see <a href="https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/">Dynamic Admission
 *     Control</a>
 */
record AdmissionReview(String uid, String namespace, JsonNode pod, ReviewView view) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String API_VERSION = "admission.k8s.io/v1";
    private static final String KIND = "AdmissionReview";
    private static final List<String> LISTS_OF_OBJECTS =
            List.of("containers", "initContainers", "hostAliases", "volumes");

    /** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names */
    private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    /** More warnings about one pod do not help its author. */
    private static final int MOST_WARNINGS = 16;

    static AdmissionReview read(byte[] body) throws BadReview {
        for (ReviewView view : ReviewView.values()) {
            JsonNode review;
            try {
                review = view.read(body);
            } catch (IOException e) {
                throw new BadReview("not JSON: " + e.getMessage(), e);
            }
            if (review != null) {
                return of(review, view);
            }
        }
        throw new BadReview("a review that has more values than a pod can have");
    }

    private static AdmissionReview of(JsonNode review, ReviewView view) throws BadReview {
        JsonNode request = review.path("request");
        if (!API_VERSION.equals(review.path("apiVersion").asText())
                || !KIND.equals(review.path("kind").asText())
                || !request.path("uid").isTextual()) {
            throw new BadReview("not an " + KIND + " of " + API_VERSION + " with a request");
        }
        JsonNode pod = view == ReviewView.ENVELOPE ? JSON.createObjectNode() : request.path("object");
        if (!pod.isObject() || !"Pod".equals(request.path("kind").path("kind").asText())) {
            throw new BadReview("a review of something that is no Pod");
        }
        String namespace = request.path("namespace").asText();
        if (!NAMESPACE.matcher(namespace).matches()) {
            throw new BadReview("a review of a Pod whose namespace has no name that a namespace can have");
        }
        for (String list : LISTS_OF_OBJECTS) {
            if (!isListOfObjects(pod.path("spec").path(list))) {
                throw new BadReview("a review of a Pod whose spec." + list + " is no list of objects");
            }
        }
        return new AdmissionReview(request.path("uid").asText(), namespace, pod, view);
    }

    private static boolean isListOfObjects(JsonNode list) {
        if (list.isMissingNode()) {
            return true;
        }
        for (JsonNode item : list) {
            if (!item.isObject()) {
                return false;
            }
        }
        return list.isArray();
    }

    /** Whether the whole pod was read. A pod that is too large for that gets no relay. */
    boolean isWhole() {
        return view == ReviewView.POD;
    }

    Map<String, String> labels() {
        Map<String, String> labels = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> label :
                pod.path("metadata").path("labels").properties()) {
            labels.put(label.getKey(), label.getValue().asText());
        }
        return Collections.unmodifiableMap(labels);
    }

    /** Whether its author prefers no pod to a pod without a relay. */
    boolean isRequired() {
        return "required"
                .equals(pod.path("metadata").path("labels").path(Labels.INJECT).asText());
    }

    /** For logs. The name is often generated after admission, from its beginning. */
    String shown() {
        JsonNode metadata = pod.path("metadata");
        String name = metadata.path("name").asText();
        return namespace + "/"
                + Printable.text(name.isEmpty() ? metadata.path("generateName").asText() + "..." : name);
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
                warnings.stream().limit(MOST_WARNINGS).forEach(warning -> all.add(Warning.cut(warning)));
                if (warnings.size() > MOST_WARNINGS) {
                    all.add("And " + (warnings.size() - MOST_WARNINGS) + " more about the pod's relay.");
                }
            }
            return JSON.writeValueAsBytes(answer);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of JSON can be written", e);
        }
    }
}
