package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * Where the relays run: one of the two is given.
 *
 * <p>Neither is refused rather than taken for a gateway: who writes {@code sidecar:} with nothing behind it says null,
 * which the API server drops, and would get a gateway.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
@ValidationRule(
        value = "has(self.gateway) != has(self.sidecar)",
        message = "must have exactly one of gateway and sidecar: write \"gateway: {}\" or omit placement"
                + " for a gateway, or \"sidecar: {selector: {matchLabels: {app: web}}}\" for relays in the pods that"
                + " the selector matches")
public record PlacementSpec(
        @JsonPropertyDescription(
                        """
                        Relays in separate pods: a Deployment behind a Service that consumers connect to. \
                        "gateway: {}" is one relay behind a Service that is named after the Ambassador.""")
                GatewayPlacement gateway,
        @JsonPropertyDescription(
                        """
                        Relays in the pods of the consumers, where each alias resolves to the loopback address. \
                        A pod gets its relay when it is created; later edits reach the running relay.""")
                SidecarPlacement sidecar) {}
