package link.ambassador.operator;

import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.config.Feature;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.operator.delivery.Deliveries;
import link.ambassador.operator.delivery.RelayPod;
import link.ambassador.operator.delivery.RelaySync;
import link.ambassador.operator.gateway.GatewayPods;
import link.ambassador.operator.gateway.GatewayResult;
import link.ambassador.operator.status.ObservedRelay;

/** Has the tables of gateways delivered to their pods, and tells what is known of these meanwhile. Callable from any thread. */
final class GatewayRelays {
    private static final String REPLACED_BY_ROLLOUT = "the rollout of its Deployment replaces it";

    private final Deliveries deliveries;

    GatewayRelays(Deliveries deliveries) {
        this.deliveries = deliveries;
    }

    /** Delivers the gateway's table to its pods; returns what is known of them meanwhile. */
    List<ObservedRelay> deliver(ResourceID id, GatewayResult result, Context<Ambassador> context) {
        List<Pod> gatewayPods = GatewayPods.of(result.deployment(), context);
        List<RelayPod> ofGateway = gatewayPods.stream().map(RelayPod::of).toList();
        String revision = result.delivered().flatMap(LinkTable::revision).orElse("");
        if (!revision.isEmpty()) {
            deliveries.want(id, revision, ofGateway, result.written());
            deliveries.look(id, moved(result, ofGateway));
        }
        Map<String, RelaySync> syncs = deliveries.syncs(id, revision);
        return gatewayPods.stream()
                .map(pod -> observed(pod, syncs.getOrDefault(pod.getMetadata().getUid(), RelaySync.PENDING), result))
                .sorted(Comparator.comparing(relay -> relay.pod().name()))
                .toList();
    }

    private static ObservedRelay observed(Pod pod, RelaySync sync, GatewayResult result) {
        Set<Feature> features = GatewayPods.features(pod);
        Set<String> credentials = GatewayPods.credentials(pod);
        return ObservedRelay.inStages(
                RelayPod.of(pod),
                observed(sync, result.tooNew(), features, credentials),
                result.staged()
                        .map(staged ->
                                staged.hasNew(Optional.of(pod.getMetadata().getUid())))
                        .orElse(true));
    }

    /** The relays whose connects decide whether a staged retarget goes on; none without one. */
    private static Set<String> moved(GatewayResult result, List<RelayPod> pods) {
        return pods.stream()
                .map(RelayPod::uid)
                .filter(uid -> result.staged()
                        .filter(staged -> staged.hasNew(Optional.of(uid)))
                        .isPresent())
                .collect(Collectors.toSet());
    }

    private static RelaySync observed(
            RelaySync sync, List<Link> tooNew, Set<Feature> features, Set<String> credentials) {
        if (!tooNew.stream().allMatch(link -> features.containsAll(link.features()))) {
            return RelaySync.tooOld(tooNew, features, REPLACED_BY_ROLLOUT, sync.answer());
        }
        return tooNew.stream().allMatch(link -> credentials.containsAll(link.credentials()))
                ? sync
                : RelaySync.withoutCredentials(tooNew, credentials, REPLACED_BY_ROLLOUT, sync.answer());
    }
}
