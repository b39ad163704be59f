package link.ambassador.operator;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.Set;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.config.Printable;
import org.jboss.logging.Logger;

/**
 * Logs one line, without a stack trace, when the API server rejected a request or did not answer: that is no defect of the
 * operator. Losing a race against another writer is worth a warning only when it happens again and again. Callable from any thread.
 */
final class ReconcileFailures {
    private static final Logger LOG = Logger.getLogger(ReconcileFailures.class);

    /** Another writer was faster, or deleted the object meanwhile. */
    private static final Set<Integer> RACES = Set.of(HttpURLConnection.HTTP_NOT_FOUND, HttpURLConnection.HTTP_CONFLICT);

    private static final int RACES_LOST = 5;

    private final Attempts attempts;

    ReconcileFailures(Attempts attempts) {
        this.attempts = attempts;
    }

    /** Returns how long to wait before the next reconcile of {@code ambassador}. */
    Duration failed(Ambassador ambassador, KubernetesClientException failure) {
        String uid = ambassador.getMetadata().getUid();
        Duration wait = attempts.failed(uid);
        Throwable root = StartFailure.root(failure);
        boolean race = RACES.contains(failure.getCode()) && attempts.count(uid) < RACES_LOST;
        boolean stopping = root instanceof InterruptedException;
        LOG.logf(
                race || stopping ? Logger.Level.DEBUG : Logger.Level.WARN,
                "cannot reconcile %s/%s, retrying in %d ms: %s",
                ambassador.getMetadata().getNamespace(),
                ambassador.getMetadata().getName(),
                wait.toMillis(),
                Printable.sentence(root));
        return wait;
    }
}
