package link.ambassador.operator.gateway;

import java.util.Optional;

/**
 * What this installation of the operator says about every gateway.
 *
 * @param image of the relays
 * @param imagePullPolicy of the relays; empty leaves it to Kubernetes, which decides by the image's tag
 */
public record GatewaySettings(String image, Optional<String> imagePullPolicy) {}
