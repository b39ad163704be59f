package link.ambassador.operator.sidecar;

import io.vertx.core.Future;
import link.ambassador.operator.delivery.Nudges;
import link.ambassador.operator.delivery.PodDelivery;
import link.ambassador.tables.PodTable;

/** The table of one pod, and how it gets there; on the context of {@link PodTables} only. */
final class PodEntry {
    final String namespace;
    PodDelivery delivery;
    PodTable table;

    /** The latest; the next begins when it has ended. */
    Future<Nudges.Outcome> write = Future.succeededFuture(Nudges.Outcome.SENT);

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
