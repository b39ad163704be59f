package link.ambassador.operator;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentCondition;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * Lets one gateway at a time roll to another image of the relay, so that a bad one stops at the first. Whoever has the turn
 * keeps it until its Deployment is through, gave up, or is gone. Callable from any thread.
 */
final class RolloutTurns {
    private final Predicate<ResourceID> lives;
    private ResourceID holder;

    RolloutTurns(Predicate<ResourceID> lives) {
        this.lives = lives;
    }

    /** Whether this gateway may roll now; if so it has the turn. */
    synchronized boolean take(ResourceID gateway) {
        if (holder == null || holder.equals(gateway) || !lives.test(holder)) {
            holder = gateway;
        }
        return holder.equals(gateway);
    }

    /** Passes the turn on if this gateway has it and {@code deployment} is done with its latest rollout. */
    synchronized void passOn(ResourceID gateway, Deployment deployment) {
        if (gateway.equals(holder) && isOver(deployment)) {
            holder = null;
        }
    }

    /** Whether all pods are of the latest template and available, or the Deployment gave up. */
    static boolean isOver(Deployment deployment) {
        DeploymentStatus status = deployment.getStatus();
        if (status == null
                || status.getObservedGeneration() == null
                || status.getObservedGeneration() < deployment.getMetadata().getGeneration()) {
            return false;
        }
        List<DeploymentCondition> conditions = status.getConditions() == null ? List.of() : status.getConditions();
        boolean gaveUp =
                conditions.stream().anyMatch(condition -> "ProgressDeadlineExceeded".equals(condition.getReason()));
        Integer wanted = deployment.getSpec().getReplicas();
        return gaveUp
                || (number(status.getReplicas()) == number(wanted)
                        && number(status.getUpdatedReplicas()) == number(wanted)
                        && number(status.getAvailableReplicas()) == number(wanted));
    }

    private static int number(Integer count) {
        return Objects.requireNonNullElse(count, 0);
    }
}
