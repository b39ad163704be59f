package link.ambassador.operator.delivery;

import io.vertx.core.Future;

/** Asks a relay what it serves. */
public interface RelayPolls {
    /** Completes on the caller's context within seconds; fails with a sentence when there is no answer. */
    Future<RelayStatus> ask(RelayPod pod);
}
