package link.ambassador.operator.status;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.api.v1alpha1.RolloutStatus;
import link.ambassador.model.Placement;
import link.ambassador.operator.delivery.RelayPod;
import link.ambassador.operator.delivery.RelayStatus;
import link.ambassador.operator.delivery.RelayStatus.LinkAnswer;

/** An Ambassador with sidecars as it is stored, and what a reconcile of it observes. */
final class RolloutFixture {
    private RolloutFixture() {}

    /**
     * The Ambassador, with as much of a status as its relays' tables follow from.
     *
     * @param retry the annotation
     * @param fields of the spec, each with its name
     */
    static Ambassador stored(
            long generation,
            String retry,
            Optional<String> revision,
            Optional<RolloutStatus> rollout,
            String... fields) {
        Ambassador ambassador = Serialization.unmarshal(
                """
                apiVersion: ambassador.link/v1alpha1
                kind: Ambassador
                metadata: {name: redis, namespace: shop, uid: u, generation: %d, creationTimestamp: "2026-11-30T15:00:00Z",
                  annotations: {ambassador.link/retry: "%s"}}
                spec:
                  placement: {sidecar: {selector: {matchLabels: {app: web}}}}
                %s
                """
                        .formatted(
                                generation,
                                retry,
                                Stream.of(fields).map(field -> "  " + field).collect(Collectors.joining("\n"))),
                Ambassador.class);
        ambassador.setStatus(new AmbassadorStatus(
                generation,
                revision.orElse(null),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                rollout.orElse(null),
                null,
                null));
        return ambassador;
    }

    static ObservedState observed(
            long generation, Instant now, ObservedState.Tables tables, List<ObservedRelay> relays) {
        return new ObservedState(
                new ObservedState.Reconcile("redis", generation, "1", now, Optional.empty()),
                Placement.SIDECAR,
                Acceptance.ACCEPTED,
                tables,
                relays.size(),
                relays,
                Optional.empty(),
                List.of(),
                false);
    }

    static RelayPod pod(String uid) {
        return new RelayPod("shop", uid, uid, Optional.of("10.0.0.1"), true, false, true);
    }

    static RelayStatus answer(LinkAnswer... links) {
        return new RelayStatus("1", Optional.empty(), Optional.empty(), List.of(links));
    }
}
