package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.ResourceRequirements;

/** Relays in pods of their own: a Deployment behind a Service. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
public record GatewayPlacement(
        @JsonPropertyDescription("How many relays there are.") Integer replicas,
        @JsonPropertyDescription("Requests and limits of each relay. Left out: small ones that were measured.")
                ResourceRequirements resources,
        @JsonPropertyDescription("The Service that consumers connect to.") GatewayService service) {}
