package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * What happens to a connection for which no target answers.
 *
 * @param action Refuse or Hold; a word, as in {@link RetargetSpec}
 * @param timeout given exactly with Hold
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
@ValidationRule(
        value = "(self.action == 'Hold') == has(self.timeout)",
        messageExpression =
                "self.action == 'Hold' ? 'must have a timeout, because the action is Hold: write {action: Hold, timeout: 15s}'"
                        + " : 'must not have a timeout, because only the action Hold waits: remove the timeout, or write"
                        + " {action: Hold, timeout: 15s}'")
public record WhenUnavailableSpec(
        @Default("Refuse")
                @JsonPropertyDescription(
                        """
                        Refuse: the consumer's connection is reset. \
                        Hold: it waits, and the relay tries the targets again until one answers or the timeout has \
                        passed; then it is reset. Default: Refuse.""")
                String action,
        @Size(max = DurationRule.LONGEST)
                @ValidationRule(value = UNAVAILABLE_TIMEOUT, message = UNAVAILABLE_TIMEOUT_MESSAGE)
                @JsonPropertyDescription(
                        """
                        How long a connection waits for a target. Required with the action Hold, and only allowed with it. \
                        A duration such as 15s or 2m, more than 0, at most 10m.""")
                String timeout) {
    private static final String UNAVAILABLE_TIMEOUT =
            DurationRule.FORM + " && duration(self) > duration('0s') && duration(self) <= duration('10m')";
    private static final String UNAVAILABLE_TIMEOUT_MESSAGE =
            "must be a duration such as 500ms, 15s or 2m (units ms, s, m, h; no fractions), more than 0, at most 10m";
}
