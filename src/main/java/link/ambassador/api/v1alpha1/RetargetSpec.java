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
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
public record RetargetSpec(
        @Default("Drain")
                @JsonPropertyDescription(
                        """
                        What happens to the connections whose target left the list, or now stands behind one that is \
                        new or was behind it. Keep: they stay with the target they have until a side ends them. \
                        Drain: each is closed once it is idle, which is when the last bytes were an answer and it was \
                        quiet for a second; what is not idle at drainTimeout is reset. Close: they are reset at once. \
                        A change of the addresses of a name affects no connection. Default: Drain.""")
                String existingConnections,
        @Default("30s")
                @Size(max = DurationRule.LONGEST)
                @ValidationRule(value = DurationRule.VALUE, message = DurationRule.MESSAGE)
                @JsonPropertyDescription(
                        """
                        How long Drain waits for connections to become idle. Keep and Close ignore it. \
                        A duration such as 30s or 1h30m, more than 0, at most 24h. Default: 30s.""")
                String drainTimeout) {}
