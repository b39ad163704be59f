package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/**
 * A hold, from when the operator sees it in the spec until it is gone from there and its connections have left.
 *
 * @param startedAt identifies the hold in every link table
 * @param until null when the operator does not understand the timeout
 * @param releasedAt null while the spec asks for it
 * @param relays this and the counts of connections are what the relays answered last
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
public record HoldStatus(
        @JsonPropertyDescription("When the operator first saw the hold. It does not change while the hold stays.")
                String startedAt,
        @JsonPropertyDescription("When the hold ends at the latest: startedAt and the timeout.") String until,
        @JsonPropertyDescription("When the operator saw that the spec asks for it no longer.") String releasedAt,
        @JsonPropertyDescription("How many relays hold.") int relays,
        @JsonPropertyDescription("How many connections to targets the held links have left, in all relays.")
                long connectionsLeft,
        @JsonPropertyDescription("How many connections wait, in all relays.") long connectionsHeld) {}
