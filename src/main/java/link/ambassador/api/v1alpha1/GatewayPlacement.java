package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.kubernetes.api.model.ResourceRequirements;

/**
 * Relays in pods of their own: a Deployment behind a Service.
 *
 * @param replicas null leaves it to whoever scales the Deployment, which begins with one
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
public record GatewayPlacement(
        @Min(0)
                @Max(1000)
                @JsonPropertyDescription(
                        """
                        The number of relays, 0 to 1000. With 2 or more they are spread over nodes, and a \
                        PodDisruptionBudget lets only one of them be evicted at a time. With 0 nothing listens. \
                        Default: 1 at first, and then the number that an autoscaler or a person sets on the \
                        Deployment.""")
                Integer replicas,
        @JsonPropertyDescription(
                        """
                        Requests and limits of each relay's container, as in a pod. \
                        Default: small, measured requests.""")
                ResourceRequirements resources,
        @JsonPropertyDescription("The Service that consumers connect to.") GatewayService service) {}
