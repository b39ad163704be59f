package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/**
 * What happens to open connections when targets change.
 *
 * @param existingConnections Keep, Drain or Close; a word, so that one of a newer version does not stop an older operator
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
public record RetargetSpec(
        @JsonPropertyDescription("Keep: they stay. Drain: each is closed when it is idle. Close: they are reset now.")
                String existingConnections,
        @JsonPropertyDescription("How long Drain waits; what is not idle by then is reset.") String drainTimeout) {}
