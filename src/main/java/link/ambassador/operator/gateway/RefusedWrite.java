package link.ambassador.operator.gateway;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.Optional;
import java.util.Set;
import link.ambassador.config.Printable;

/**
 * A write that the API server refused, or that a quota, an admission policy or webhook, RBAC or validation refused for it. Trying
 * again does not help until somebody changes what was asked for, or whatever refuses it.
 */
final class RefusedWrite extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Another try may succeed: a new token, no other writer, less load. */
    private static final Set<Integer> NOT_FOR_GOOD = Set.of(
            HttpURLConnection.HTTP_UNAUTHORIZED,
            HttpURLConnection.HTTP_NOT_FOUND,
            HttpURLConnection.HTTP_CLIENT_TIMEOUT,
            HttpURLConnection.HTTP_CONFLICT,
            HttpURLConnection.HTTP_GONE,
            429 /* Too Many Requests */);

    private final String sentence;

    private RefusedWrite(HasMetadata object, String theirs, KubernetesClientException cause) {
        super(cause);
        this.sentence = "The API server rejected the " + object.getKind() + " "
                + object.getMetadata().getName() + ": " + Printable.sentence(theirs);
    }

    /** Empty for an answer that was no refusal, or has no message. */
    static Optional<RefusedWrite> of(HasMetadata object, KubernetesClientException answer) {
        return Optional.ofNullable(answer.getStatus())
                .map(Status::getMessage)
                .filter(message ->
                        !message.isBlank() && isRefusal(answer.getCode()) && !GoingNamespace.isCauseOf(answer))
                .map(message -> new RefusedWrite(object, message, answer));
    }

    /** For a person: what was refused, and the message of the answer. */
    String sentence() {
        return sentence;
    }

    /** The API server reports a webhook that must answer and does not as an internal error. */
    private static boolean isRefusal(int code) {
        return code == HttpURLConnection.HTTP_INTERNAL_ERROR
                || (code >= 400 && code < 500 && !NOT_FOR_GOOD.contains(code));
    }
}
