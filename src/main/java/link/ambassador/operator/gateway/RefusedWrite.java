package link.ambassador.operator.gateway;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.Optional;
import java.util.Set;
import link.ambassador.config.Printable;

/**
 * A write that the API server refused, or somebody it asked: a quota, an admission policy or webhook, RBAC, validation. It stays
 * so until somebody changes what was asked for, or who refuses it.
 */
final class RefusedWrite extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Those that another try may well mend: a token, a race with another writer, too much load. */
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

    /** Empty for an answer that was no refusal, or that says nothing. */
    static Optional<RefusedWrite> of(HasMetadata object, KubernetesClientException answer) {
        return Optional.ofNullable(answer.getStatus())
                .map(Status::getMessage)
                .filter(message ->
                        !message.isBlank() && isRefusal(answer.getCode()) && !isOfGoingNamespace(answer.getStatus()))
                .map(message -> new RefusedWrite(object, message, answer));
    }

    /** For a person: what was refused, and the refuser's own words. */
    String sentence() {
        return sentence;
    }

    /** What is to be made in a namespace that is being deleted goes with it, and so does who asks for it. */
    private static boolean isOfGoingNamespace(Status status) {
        return status.getDetails() != null
                && status.getDetails().getCauses().stream()
                        .anyMatch(cause -> "NamespaceTerminating".equals(cause.getReason()));
    }

    /** A webhook that must be asked and does not answer is told as an internal error. */
    private static boolean isRefusal(int code) {
        return code == HttpURLConnection.HTTP_INTERNAL_ERROR
                || (code >= 400 && code < 500 && !NOT_FOR_GOOD.contains(code));
    }
}
