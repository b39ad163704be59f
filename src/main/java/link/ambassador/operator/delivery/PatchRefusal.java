package link.ambassador.operator.delivery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.HttpURLConnection;
import java.util.stream.StreamSupport;
import link.ambassador.config.Printable;

/**
 * Why the API server rejected the patch of a pod. 409 and 422 have many reasons; only an answer that names the uid means that
 * another pod has that name.
 *
 * @param podIsGone whether the pod that was meant no longer exists
 * @param sentence the API server's own message
 * @see <a href="https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/">Status</a>
 */
record PatchRefusal(boolean podIsGone, String sentence) {
    private static final int UNPROCESSABLE_CONTENT = 422;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** @param body a Status, or whatever a proxy in front of the API server answered */
    static PatchRefusal of(int code, String body) {
        JsonNode status = read(body);
        String message = status.path("message").asText("");
        boolean anotherUid =
                switch (code) {
                    case HttpURLConnection.HTTP_NOT_FOUND -> true;
                    // The precondition of a write: "Precondition failed: UID in precondition: …, UID in object meta:
                    // …".
                    case HttpURLConnection.HTTP_CONFLICT -> message.contains("UID in precondition");
                    case UNPROCESSABLE_CONTENT ->
                        StreamSupport.stream(
                                        status.path("details").path("causes").spliterator(), false)
                                .anyMatch(cause -> "metadata.uid"
                                        .equals(cause.path("field").asText()));
                    default -> false;
                };
        return new PatchRefusal(anotherUid, Printable.sentence(message.isEmpty() ? String.valueOf(body) : message));
    }

    private static JsonNode read(String body) {
        try {
            return JSON.readTree(String.valueOf(body));
        } catch (JsonProcessingException e) {
            return JSON.missingNode();
        }
    }
}
