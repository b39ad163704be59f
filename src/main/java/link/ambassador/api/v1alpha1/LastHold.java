package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/**
 * The latest hold that has ended.
 *
 * @param longestWait null when no connection waited
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
public record LastHold(
        @JsonPropertyDescription("When the operator first saw the hold.") String startedAt,
        @JsonPropertyDescription("When it ended.") String endedAt,
        @JsonPropertyDescription("Released, because it was removed from the spec, or Expired.") String outcome,
        @JsonPropertyDescription("How many connections waited, in all relays.") long connections,
        @JsonPropertyDescription("How long the connection waited that waited longest.") String longestWait) {
    public static final String RELEASED = "Released";
    public static final String EXPIRED = "Expired";
}
