package link.ambassador.operator.gateway;

import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.Optional;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.model.NamespaceConstraints;

/**
 * What a gateway is made in.
 *
 * @param deployment the one that it has; empty before it is made
 * @param podsAreRefused whether Kubernetes cannot create pods of that Deployment
 * @param demands of its namespace; empty while they are not known
 */
public record GatewaySurroundings(
        Optional<Deployment> deployment, boolean podsAreRefused, Optional<NamespaceConstraints> demands) {
    public static final GatewaySurroundings NONE =
            new GatewaySurroundings(Optional.empty(), false, Optional.of(NamespaceConstraints.NONE));

    /**
     * What the relays are to have. Relays that run do not roll because their namespace demands something now: what demands it lets
     * them be, until one of them must be created anew.
     */
    ResourceRequirements resources(Ambassador ambassador) {
        ResourceRequirements plain = GatewayResources.of(ambassador);
        Optional<ResourceRequirements> had = deployment.map(GatewaySurroundings::resources);
        if (demands.isEmpty()) {
            return had.orElse(plain);
        }
        return had.filter(plain::equals).isPresent() && !podsAreRefused
                ? plain
                : GatewayResources.of(ambassador, demands.get());
    }

    private static ResourceRequirements resources(Deployment deployment) {
        return deployment
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .get(0)
                .getResources();
    }
}
