package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** How many relays there are, by what is known of them; terminating ones do not count. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record RelayCounts(
        @JsonPropertyDescription("Pods that should have a relay of this Ambassador.") int selected,
        @JsonPropertyDescription("Selected pods that have a relay.") int injected,
        @JsonPropertyDescription("Relays that acknowledged the revision and listen.") int converged,
        @JsonPropertyDescription("Relays that serve another revision, rejected this one, or cannot listen.") int stale,
        @JsonPropertyDescription("Relays that did not answer.") int unknown,
        @JsonPropertyDescription("Relays of another version than the operator's.") int outdated) {
    public static final RelayCounts NONE = new RelayCounts(0, 0, 0, 0, 0, 0);
}
