package link.ambassador.operator.sidecar;

import io.vertx.core.Future;
import link.ambassador.model.PodTable;
import link.ambassador.operator.delivery.PodAnnotations.Outcome;
import link.ambassador.operator.delivery.PodDelivery;

/** The table of one pod, and its delivery. On the context of {@link PodTableWriter} only. */
final class PodEntry {
    final String namespace;
    PodDelivery delivery;
    PodTable table;

    /** How many deliveries began. */
    int number;

    /** The latest write; the next begins when it has ended. */
    Future<Outcome> write = Future.succeededFuture(Outcome.SENT);

    /** Whether the pod had another table when it was reconciled last, and what was in progress was left to give it this one. */
    boolean lacksTable;

    PodEntry(String namespace) {
        this.namespace = namespace;
    }

    /** Whether nothing is in progress that would give the pod its table soon. */
    boolean isIdle() {
        return write.isComplete() && delivery.isIdle();
    }
}
