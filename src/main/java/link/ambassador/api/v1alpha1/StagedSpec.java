package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/**
 * The steps of a staged retarget.
 *
 * @param onFailure Rollback or Pause; a word, as in {@link RetargetSpec}
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
public record StagedSpec(
        @Required
                @Size(min = 1, max = 8)
                @ValidationRule(
                        value = "self[size(self) - 1].relays == '100%'",
                        message = "must end with {relays: 100%}, so that every relay gets the new targets in the end")
                @JsonPropertyDescription(
                        """
                        1 to 8 steps, each with how many relays have the new targets in it. The last has 100%.

                        Example:

                          steps:
                          - {relays: 1, pause: 30s}
                          - {relays: 10%, pause: 1m}
                          - {relays: 100%}""")
                List<StepSpec> steps,
        @Default("{}") @JsonPropertyDescription("How many failed connects to the new targets end the steps.")
                FailureThresholdSpec failureThreshold,
        @Default("Rollback")
                @JsonPropertyDescription(
                        """
                        What happens when too many connects fail. \
                        Rollback: every relay gets the targets from before again. The spec stays as it is. \
                        Pause: the relays stay as they are. \
                        Either lasts until the spec or the annotation ambassador.link/retry changes. \
                        Default: Rollback.""")
                String onFailure) {}
