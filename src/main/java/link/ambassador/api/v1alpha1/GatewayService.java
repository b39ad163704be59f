package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Map;

/**
 * The Service of a gateway.
 *
 * @param type null means ClusterIP
 * @param loadBalancerClass null means the class of the cluster
 * @param annotations null means none
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
@ValidationRule(
        value = "!has(self.loadBalancerClass) || (has(self.type) && self.type == 'LoadBalancer')",
        fieldPath = ".loadBalancerClass",
        message = "must be omitted unless the type is LoadBalancer")
public record GatewayService(
        @Size(max = NameRule.LONGEST)
                @ValidationRule(value = NameRule.VALUE, message = NameRule.MESSAGE)
                @JsonPropertyDescription(
                        """
                        The name of the Service. Set it when a Service with the Ambassador's name already exists: the \
                        operator never changes a Service that it did not create. Lower-case letters, digits and "-", beginning with a \
                        letter, at most 63. Default: the name of the Ambassador.""")
                String name,
        @Default("ClusterIP")
                @JsonPropertyDescription(
                        """
                        From where the Service can be reached: ClusterIP (the cluster), NodePort (each node too) or LoadBalancer \
                        (a load balancer of the cloud too). Any program that reaches it can use the links, unless they \
                        have downstreamTLS with clientValidation. Default: ClusterIP.""")
                String type,
        @Size(min = 1, max = 253)
                @JsonPropertyDescription(
                        """
                        The implementation of the load balancer, with the type LoadBalancer. \
                        Default: the one of the cluster.""")
                String loadBalancerClass,
        @ValidationRule(
                        value = "self.all(key, !key.startsWith('ambassador.link/'))",
                        message = "must have no key that begins with ambassador.link/, which is the operator's own")
                @JsonPropertyDescription(
                        """
                        Annotations of the Service, at most 16, for example those that a cloud reads to make a load \
                        balancer. Default: none.""")
                Map<String, String> annotations) {}
