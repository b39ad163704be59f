package link.ambassador.operator;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.Optional;
import link.ambassador.config.Printable;

/** Why the Operator SDK could not start, and what would help. */
final class StartFailure {
    private StartFailure() {}

    /** A sentence about the cause of {@code failure}; empty when its stack trace says more. */
    static Optional<String> sentence(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof KubernetesClientException answer) {
                switch (answer.getCode()) {
                    case HttpURLConnection.HTTP_NOT_FOUND -> {
                        return Optional.of(
                                "the API server does not know Ambassadors (" + Printable.sentence(answer.getMessage())
                                        + "): kubectl apply -k kubernetes/install/crd");
                    }
                    case HttpURLConnection.HTTP_FORBIDDEN, HttpURLConnection.HTTP_UNAUTHORIZED -> {
                        return Optional.of("this operator's account lacks a right that kubernetes/install grants: "
                                + Printable.sentence(answer.getMessage()));
                    }
                    default -> {}
                }
            }
        }
        return Optional.empty();
    }

    static Throwable root(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }
}
