package link.ambassador.operator.gateway;

import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.Optional;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.model.NamespaceConstraints;

/**
 * What there is where a gateway is created.
 *
 * @param deployment the gateway's own; empty before it is created
 * @param podsAreRefused whether Kubernetes cannot create pods of that Deployment
 * @param demands of its namespace; empty while they are unknown
 */
public record GatewaySurroundings(
        Optional<Deployment> deployment, boolean podsAreRefused, Optional<NamespaceConstraints> demands) {
    public static final GatewaySurroundings NONE =
            new GatewaySurroundings(Optional.empty(), false, Optional.of(NamespaceConstraints.NONE));

    /**
     * The resources of the relays. Running relays are not rolled because of a new demand of their namespace: quotas and limit ranges
     * apply only to pods that are created, so the demand counts once Kubernetes refuses to create one.
     */
    ResourceRequirements resources(Ambassador ambassador) {
        ResourceRequirements plain = GatewayResources.of(ambassador);
        Optional<ResourceRequirements> had =
                deployment.map(live -> GatewayDeployment.relay(live).getResources());
        if (demands.isEmpty()) {
            return had.orElse(plain);
        }
        return had.filter(plain::equals).isPresent() && !podsAreRefused
                ? plain
                : GatewayResources.of(ambassador, demands.get());
    }
}
