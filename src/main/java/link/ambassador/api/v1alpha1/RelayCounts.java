package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** How many relays there are, by what is known of them; terminating ones do not count. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record RelayCounts(
        @JsonPropertyDescription("Pods that should have a relay of this Ambassador.") int selected,
        @JsonPropertyDescription("Those of them that have one.") int injected,
        @JsonPropertyDescription("Those that acknowledged the revision and listen.") int converged,
        @JsonPropertyDescription("Those that serve another revision, refused this one, or cannot listen.") int stale,
        @JsonPropertyDescription("Those that did not answer.") int unknown,
        @JsonPropertyDescription("Those that run another version of the relay than the operator's.") int outdated) {
    public static final RelayCounts NONE = new RelayCounts(0, 0, 0, 0, 0, 0);
}
