package link.ambassador.operator.gateway;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;

/**
 * The namespace is being deleted, and the API server creates nothing in it any more. The Ambassador that asked for an object will be
 * deleted too.
 */
public final class GoingNamespace extends RuntimeException {
    private static final long serialVersionUID = 1L;

    GoingNamespace(KubernetesClientException cause) {
        super(cause);
    }

    /** Whether {@code answer} says that its namespace is being deleted. */
    public static boolean isCauseOf(KubernetesClientException answer) {
        return answer.getCode() == HttpURLConnection.HTTP_FORBIDDEN
                && answer.getStatus() != null
                && answer.getStatus().getDetails() != null
                && answer.getStatus().getDetails().getCauses() != null
                && answer.getStatus().getDetails().getCauses().stream()
                        .anyMatch(cause -> "NamespaceTerminating".equals(cause.getReason()));
    }
}
