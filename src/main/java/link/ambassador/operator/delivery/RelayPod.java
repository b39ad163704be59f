package link.ambassador.operator.delivery;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.util.List;
import java.util.Optional;

/**
 * A pod with a relay in it, with what a delivery needs to know of it.
 *
 * @param ip the pod's address; empty until it has one
 * @param running whether its containers were started. A pod that has ended, or waits for a node, serves nobody
 */
public record RelayPod(
        String namespace,
        String name,
        String uid,
        Optional<String> ip,
        boolean running,
        boolean terminating,
        boolean ready) {

    public static RelayPod of(Pod pod) {
        PodStatus status = pod.getStatus() == null ? new PodStatus() : pod.getStatus();
        return new RelayPod(
                pod.getMetadata().getNamespace(),
                pod.getMetadata().getName(),
                pod.getMetadata().getUid(),
                Optional.ofNullable(status.getPodIP()).filter(ip -> !ip.isEmpty()),
                "Running".equals(status.getPhase()),
                pod.getMetadata().getDeletionTimestamp() != null,
                Optional.ofNullable(status.getConditions()).orElse(List.of()).stream()
                        .anyMatch(condition ->
                                "Ready".equals(condition.getType()) && "True".equals(condition.getStatus())));
    }

    /** Whether it serves consumers now, and so must acknowledge. */
    public boolean isServing() {
        return running && !terminating && ip.isPresent();
    }
}
