package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** Where the relays run: one of the two is given. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
public record PlacementSpec(
        @JsonPropertyDescription("Pods of their own behind a Service.") GatewayPlacement gateway,
        @JsonPropertyDescription("In the pods of the consumers.") SidecarPlacement sidecar) {}
