package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** The Service of a gateway. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
public record GatewayService(
        @Size(max = NameRule.LONGEST)
                @ValidationRule(value = NameRule.VALUE, message = NameRule.MESSAGE)
                @JsonPropertyDescription(
                        """
                        The name of the Service. Set it when a Service with the Ambassador's name already exists: the \
                        operator never changes a Service that it did not create. Lower-case letters, digits and "-", beginning with a \
                        letter, at most 63. Default: the name of the Ambassador.""")
                String name) {}
