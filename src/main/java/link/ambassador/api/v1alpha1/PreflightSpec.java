package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * Whether new targets are dialled before connections go there.
 *
 * @param mode None, Each or All; a word, as in {@link RetargetSpec}
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
public record PreflightSpec(
        @Default("None")
                @JsonPropertyDescription(
                        """
                        None: connections go to the new targets at once. \
                        Each: each relay dials the first of the new targets, and keeps the former targets until it \
                        answers. \
                        All: each relay dials it too, and all keep the former targets until enough of them reach it. \
                        A target that does not answer is dialled again and again; Converged is False meanwhile, with \
                        the reason PreflightFailed. Default: None.""")
                String mode,
        @Default("3s")
                @Size(max = DurationRule.LONGEST)
                @ValidationRule(value = TIMEOUT, message = TIMEOUT_MESSAGE)
                @JsonPropertyDescription(
                        """
                        How long a target may take to be resolved, connected and, with upstreamTLS, to do the \
                        handshake. None ignores it. A duration such as 500ms or 3s, more than 0, at most 1m. Default: 3s.""")
                String timeout,
        @Default("100%")
                @Size(max = 4)
                @ValidationRule(value = PERCENT, message = PERCENT_MESSAGE)
                @JsonPropertyDescription(
                        """
                        How many of the running relays have to reach the new target with the mode All, in percent, 1% to \
                        100%. The other modes ignore it. Default: 100%.""")
                String minReachable) {
    public static final String NONE = "None";
    public static final String EACH = "Each";
    public static final String ALL = "All";

    private static final String TIMEOUT =
            DurationRule.FORM + " && duration(self) > duration('0s') && duration(self) <= duration('1m')";
    private static final String TIMEOUT_MESSAGE =
            "must be a duration such as 500ms, 3s or 1m (units ms, s, m, h; no fractions), more than 0, at most 1m";
    private static final String PERCENT = "self.matches('^(100|[1-9][0-9]?)%$')";
    private static final String PERCENT_MESSAGE =
            "must be a percentage of the running relays from 1% to 100%, such as 90%";
}
