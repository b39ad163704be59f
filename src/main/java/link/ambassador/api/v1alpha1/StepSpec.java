package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.IntOrString;

/**
 * One step of a staged retarget.
 *
 * @param relays the API server has no bound for the length of an int-or-string, and refuses a rule of which it therefore estimates that
 *     it costs too much: so the expression is short, and nothing compares the number with the step before. A step with fewer relays
 *     moves none
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
public record StepSpec(
        @Required
                @ValidationRule(
                        value = "type(self) == int ? self >= 1 && self <= 100000"
                                + " : self == '100%' || self != '0%' && self != '00%'"
                                + " && self.size() <= 3 && self.matches(r'^\\d+%$')",
                        message = "must be a number of relays such as 1, or a percentage such as 10%, from 1% to 100%")
                @JsonPropertyDescription(
                        """
                        How many relays have the new targets in this step, with those of the steps before: a number \
                        such as 1, or a percentage such as 10%, rounded up.""")
                IntOrString relays,
        @Size(max = DurationRule.LONGEST)
                @ValidationRule(value = DurationRule.VALUE, message = DurationRule.MESSAGE)
                @JsonPropertyDescription(
                        """
                        How long to watch the connects of these relays once all of them have the new targets. \
                        A duration such as 30s or 1m, more than 0, at most 24h. Default: no pause.""")
                String pause) {}
