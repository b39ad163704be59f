package link.ambassador.operator.status;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentCondition;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import java.util.Optional;
import link.ambassador.config.Printable;

/**
 * That Kubernetes cannot create the pods of a Deployment, because a quota, PodSecurity, an admission policy or a webhook refuses them.
 * Kubernetes reports this in the Deployment's status only.
 *
 * @see <a href="https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#failed-deployment">Failed Deployment</a>
 */
public final class ReplicaFailure {
    private static final String TYPE = "ReplicaFailure";

    private ReplicaFailure() {}

    /** An Event with the message of the refusal; empty while no pod is refused. */
    public static Optional<AmbassadorEvent> of(Deployment deployment) {
        return Optional.ofNullable(deployment.getStatus()).map(DeploymentStatus::getConditions).stream()
                .flatMap(conditions -> conditions.stream())
                .filter(condition -> TYPE.equals(condition.getType()) && "True".equals(condition.getStatus()))
                .map(DeploymentCondition::getMessage)
                .findFirst()
                .map(message -> new AmbassadorEvent(
                        true,
                        TYPE,
                        "Kubernetes cannot create pods for the relays: "
                                + Printable.sentence(message == null ? "no reason given" : message)));
    }
}
