package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * One line and its answer.
 *
 * @param send null means that the target speaks first
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
public record ExchangeStepSpec(
        @Size(min = 1, max = ExchangeStepSpec.LONGEST)
                @ValidationRule(value = ExchangeStepSpec.SENT, message = ExchangeStepSpec.SENT_MESSAGE)
                @JsonPropertyDescription(
                        """
                        What the relay sends, at most 256 characters of ASCII; most protocols want \\r\\n at the end of a line. \
                        %s stands for the credential. Default: nothing, for a target that speaks first.""")
                String send,
        @Required
                @Size(min = 1, max = ExchangeStepSpec.LONGEST)
                @ValidationRule(value = ExchangeStepSpec.EXPECTED, message = ExchangeStepSpec.EXPECTED_MESSAGE)
                @JsonPropertyDescription(
                        """
                        A text that must be in the first 4 KiB of the answer, at most 256 characters of ASCII.""")
                String expect) {
    static final int LONGEST = 256;
    private static final String ASCII = "self.matches('^[\\\\t\\\\n\\\\r -~]*$')";
    static final String SENT = ASCII;
    static final String SENT_MESSAGE = "must be printable ASCII, tabs and line ends";
    static final String EXPECTED = ASCII;
    static final String EXPECTED_MESSAGE = SENT_MESSAGE;
}
