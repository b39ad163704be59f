package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/**
 * A hold: while it is in the spec, the relays accept new connections and let them wait.
 *
 * @param links listen ports; null means every link
 * @param existingConnections Keep, Drain or Close; a word, as in {@link RetargetSpec}
 * @param whenExpired Release or Refuse; a word, as in {@link RetargetSpec}
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
public record HoldSpec(
        @Size(min = 1, max = 16)
                @JsonPropertyDescription(
                        """
                        The listen ports of the links to hold, 1 to 16, each the port of a link. Default: every link.""")
                List<Integer> links,
        @Required
                @Size(max = DurationRule.LONGEST)
                @ValidationRule(value = HOLD_TIMEOUT, message = HOLD_TIMEOUT_MESSAGE)
                @JsonPropertyDescription(
                        """
                        How long the hold lasts at most. The relays end it by themselves then, also without an operator \
                        or an API server. A duration such as 60s or 5m, at least 1s, at most 10m.""")
                String timeout,
        @Default("Drain")
                @JsonPropertyDescription(
                        """
                        What happens to connections that are open when the hold starts. \
                        Keep: they stay. \
                        Drain: each is closed when it is idle, which means that the last bytes were an answer and that \
                        one second has passed since; at drainTimeout the others are closed or reset. \
                        Close: they are reset at once. Default: Drain.""")
                String existingConnections,
        @Default("30s")
                @Size(max = DurationRule.LONGEST)
                @ValidationRule(value = DurationRule.VALUE, message = DurationRule.MESSAGE)
                @JsonPropertyDescription(
                        """
                        How long Drain waits for connections to become idle. Keep and Close ignore it. \
                        A duration such as 30s or 1h30m, more than 0, at most 24h. Default: 30s.""")
                String drainTimeout,
        @Default("Release")
                @JsonPropertyDescription(
                        """
                        What happens to the connections that wait when the timeout has passed. \
                        Release: they go to the targets. \
                        Refuse: they are reset. Later connections go to the targets. Default: Release.""")
                String whenExpired,
        @Default("1000")
                @Min(1)
                @Max(100_000)
                @JsonPropertyDescription(
                        """
                        How many connections of each link may wait in each relay, 1 to 100000. Further connections are \
                        reset, and counted in the relay's metrics. Default: 1000.""")
                Integer maxHeld) {
    private static final String HOLD_TIMEOUT =
            DurationRule.FORM + " && duration(self) >= duration('1s')" + " && duration(self) <= duration('10m')";
    private static final String HOLD_TIMEOUT_MESSAGE =
            "must be a duration such as 30s, 90s or 5m (units ms, s, m, h; no fractions), at least 1s, at most 10m";
}
