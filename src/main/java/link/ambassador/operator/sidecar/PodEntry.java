package link.ambassador.operator.sidecar;

import io.vertx.core.Future;
import link.ambassador.model.PodTable;
import link.ambassador.operator.delivery.KubeletRefresh;
import link.ambassador.operator.delivery.PodDelivery;

/** The table of one pod, and how it gets there; on the context of {@link PodTableWriter} only. */
final class PodEntry {
    final String namespace;
    PodDelivery delivery;
    PodTable table;

    /** The latest; the next begins when it has ended. */
    Future<KubeletRefresh.Outcome> write = Future.succeededFuture(KubeletRefresh.Outcome.SENT);

    /** Whether the pod had another table when it was last looked at, and what was under way was left to give it this one. */
    boolean lacksTable;

    PodEntry(String namespace) {
        this.namespace = namespace;
    }

    /** Whether nothing is under way any more that would give the pod its table soon. */
    boolean isAtItsEnd() {
        return write.isComplete() && delivery.isAtItsEnd();
    }
}
