package link.ambassador.operator.gateway;

import java.util.Optional;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.AmbassadorSpec;
import link.ambassador.api.v1alpha1.GatewayPlacement;
import link.ambassador.api.v1alpha1.GatewayService;
import link.ambassador.api.v1alpha1.PlacementSpec;

/**
 * The names of a gateway's objects.
 *
 * @param service the Service that consumers connect to: the Ambassador's name, or {@code placement.gateway.service.name}
 * @param others the Deployment, ConfigMap and PodDisruptionBudget: the Ambassador's name, at most 52 characters, and
 *     {@value #SUFFIX}
 */
public record GatewayNames(String service, String others) {
    private static final String SUFFIX = "-ambassador";

    public static GatewayNames of(Ambassador ambassador) {
        String name = ambassador.getMetadata().getName();
        String service = placement(ambassador)
                .map(GatewayPlacement::service)
                .map(GatewayService::name)
                .orElse(name);
        return new GatewayNames(service, name + SUFFIX);
    }

    static Optional<GatewayPlacement> placement(Ambassador ambassador) {
        return Optional.ofNullable(ambassador.getSpec())
                .map(AmbassadorSpec::placement)
                .map(PlacementSpec::gateway);
    }
}
