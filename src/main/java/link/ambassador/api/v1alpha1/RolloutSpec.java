package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * In which order relays get new targets.
 *
 * @param type AllAtOnce or Staged; a word, as in {@link RetargetSpec}
 * @param staged ignored unless the type is Staged, so that changing the type stays a one-line edit
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
@ValidationRule(
        value = "self.type != 'Staged' || has(self.staged)",
        message = "must have staged.steps, because the type is Staged: for example {type: Staged, staged: {steps:"
                + " [{relays: 1, pause: 30s}, {relays: 100%}]}}")
public record RolloutSpec(
        @Default("AllAtOnce")
                @JsonPropertyDescription(
                        """
                        AllAtOnce: every relay gets new targets at once. \
                        Staged: a few relays get them first, and the others step by step while the connects of the \
                        first succeed. Default: AllAtOnce.""")
                String type,
        @JsonPropertyDescription("The steps of the type Staged, and what ends them. Other types ignore it.")
                StagedSpec staged) {
    public static final String STAGED = "Staged";
}
