package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * What happens to open connections when targets change.
 *
 * @param existingConnections Keep, Drain or Close; a word, so that one of a newer version does not stop an older operator
 * @param preflight null means that nothing is dialled before
 * @param rollout null means all at once
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
@ValidationRule(
        value =
                "!has(self.preflight) || self.preflight.mode != 'All' || !has(self.rollout) || self.rollout.type != 'Staged'",
        fieldPath = ".preflight.mode",
        message = "must not be All with rollout.type Staged, which tries new targets on a few relays first: use Each")
public record RetargetSpec(
        @Default("Drain")
                @JsonPropertyDescription(
                        """
                        What happens to open connections whose target was removed or is no longer preferred. \
                        Keep: they stay on their target until one side ends them. \
                        Drain: each is closed when it is idle, which means that the last bytes were an answer and that \
                        one second has passed since; at drainTimeout the others are closed or reset. \
                        Close: they are reset at once. \
                        A change of the addresses of a name affects no connection. Default: Drain.""")
                String existingConnections,
        @Default("30s")
                @Size(max = DurationRule.LONGEST)
                @ValidationRule(value = DurationRule.VALUE, message = DurationRule.MESSAGE)
                @JsonPropertyDescription(
                        """
                        How long Drain waits for connections to become idle. Keep and Close ignore it. \
                        A duration such as 30s or 1h30m, more than 0, at most 24h. Default: 30s.""")
                String drainTimeout,
        @JsonPropertyDescription(
                        """
                        Whether new targets are dialled before connections go there. \
                        Default: connections go there at once.

                        Example:

                          preflight:
                            mode: Each""")
                PreflightSpec preflight,
        @JsonPropertyDescription(
                        """
                        In which order relays get new targets. Default: all at once.""")
                RolloutSpec rollout) {}
